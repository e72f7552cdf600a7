/**
 * The way back from a plan to the command line that makes the same one, for a report to end with.
 * Flags at their defaults are left out; what no flag says, such as a password, is not there.
 */
import { scheduledPlans } from "../events/catalogue.ts";
import { EVENT } from "../events/event-flag.ts";
import type { Flag, FlagTable, Read } from "../flags/flag.ts";
import { CHECK_HASHKV, JUDGE_FLAGS, LABEL } from "../flags/output.ts";
import { TARGET_FLAGS } from "../flags/target.ts";
import type { LoadFlags, PlannableWorkload, WrittenFlag } from "./plannable.ts";
import type { RunPlan } from "./schema.ts";

/** `bench put --local=3 --clients=100 --val-size=256`, quoted for a shell. */
export function commandOf(plan: RunPlan, workload: PlannableWorkload): string {
  const { args, texts } = workload.writeFlags(plan.workload);
  const all = [
    ...written(TARGET_FLAGS, targetValues(plan)),
    ...written(workload.loadFlags, loadValues(plan)),
    ...texts,
    ["agents", plan.load.agents === undefined ? false : [String(plan.load.agents)]] as const,
    ...written(workload.loadFlags, limitValues(plan)),
    // A total next to a duration, or of a command that has another by default, is always said.
    ...(plan.limits.totalRequests === null || plan.search !== null
      ? []
      : [["total", [String(plan.limits.totalRequests)]] as const]),
    ...scheduledPlans(plan.maintenance)
      .filter(({ event }) => workload.events.includes(event))
      .flatMap(({ event, plan: own }) => event.writeFlags(own)),
    ...written({ events: EVENT }, { events: plan.maintenance.events }),
    ...written({ ...JUDGE_FLAGS, checkHashKv: CHECK_HASHKV, labels: LABEL }, judgeValues(plan)),
    ["cleanup", plan.cleanup] as const,
  ];
  const words = all.flatMap(([name, value]) => {
    if (typeof value === "boolean") return value ? [`--${name}`] : [];
    return value.map((text) => `--${name}=${quoted(text)}`);
  });
  // After the flags, and after a -- where one could be taken for a flag.
  const named = args.some((arg) => arg.startsWith("-")) ? ["--", ...args] : args;
  return ["bench", workload.name, ...words, ...named.map(quoted)].join(" ");
}

/** The words of another command on the same etcd: where it is and how to get in, without a password. */
export function accessWords({ target }: Pick<RunPlan, "target">): string[] {
  const { endpoints, cluster, caFile, certFile, keyFile, serverName, skipVerify, user } =
    targetValues({ target });
  const values = cluster
    ? { cluster }
    : { endpoints, caFile, certFile, keyFile, serverName, skipVerify, user };
  return written(TARGET_FLAGS, values as Partial<Read<typeof TARGET_FLAGS>>).flatMap(
    ([name, value]) => {
      if (typeof value === "boolean") return value ? [`--${name}`] : [];
      return value.map((text) => `--${name}=${text}`);
    },
  );
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function written<Table extends FlagTable>(
  table: Table,
  values: Partial<Read<Table>>,
): WrittenFlag[] {
  return Object.entries(values).map(([key, value]) => {
    const flag: Flag = table[key]!;
    return [flag.name, flag.write(value)];
  });
}

function targetValues({ target }: Pick<RunPlan, "target">): Partial<Read<typeof TARGET_FLAGS>> {
  const { leaderOnly, local, cluster, ignoresQuota } = target;
  const shared = { leaderOnly, ignoresQuota };
  if (local !== null) {
    const members = ({ 1: "1", 3: "3", 5: "5" } as const)[local.members];
    const { tls, auth, grpcProxy, proxied: isProxied } = local;
    return { local: members, tls, auth, grpcProxy, isProxied, ...shared };
  }
  if (cluster !== null) return { cluster, ...shared };
  const { endpoints, metricsEndpoints, tls, user } = target;
  const scheme = tls === null ? "" : "https://";
  return {
    endpoints: endpoints.map((endpoint) => `${scheme}${endpoint}`).join(","),
    metricsEndpoints: metricsEndpoints?.join(",") ?? null,
    caFile: tls?.caFile ?? null,
    certFile: tls?.certFile ?? null,
    keyFile: tls?.keyFile ?? null,
    serverName: tls?.serverName ?? null,
    skipVerify: tls?.skipVerify ?? false,
    user,
    ...shared,
  };
}

function loadValues({
  load: { agents, ...load },
  pacing,
  search,
}: RunPlan): Partial<Read<LoadFlags>> {
  const { ratePerSec, arrival, wait } = pacing;
  return {
    ...load,
    ...(search === null ? { ratePerSec: ratePerSec ?? 0 } : {}),
    ...(ratePerSec === null ? {} : { arrival, wait }),
  };
}

function limitValues({ limits, search }: RunPlan): Partial<Read<LoadFlags>> {
  const { durationMs, warmupRequests, warmupMs } = limits;
  return {
    durationMs,
    warmup: { warmupRequests, warmupMs },
    ...(search === null
      ? {}
      : {
          findMax: search.limits,
          findStartPerSec: search.startRatePerSec,
          findStepMs: search.stepDurationMs,
          findPrecision: search.precision,
        }),
  };
}

function judgeValues({ judge, labels }: RunPlan) {
  return { ...judge, labels: Object.entries(labels) };
}
