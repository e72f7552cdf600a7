/**
 * Owns the way back from a plan to the command line that makes the same one, for a report to end
 * with. Flags at their defaults are left out; what no flag says, such as a password, is not there.
 */
import { DEFAULTS } from "./defaults.ts";
import type { RunPlan } from "./schema.ts";
import { formatDuration, formatRate } from "./units.ts";
import { type FlagTexts, workloadFlags } from "./workload-to-flags.ts";

/** `bench put --local=3 --clients=100 --val-size=256`, quoted for a shell. */
export function commandOf(plan: RunPlan): string {
  const { command, args, flags, defaults } = workloadFlags(plan.workload);
  const usual: Readonly<Record<string, string>> = { ...DEFAULTS, ...defaults };
  const all: FlagTexts = {
    ...targetFlags(plan),
    ...loadFlags(plan),
    ...flags,
    ...limitFlags(plan),
    ...maintenanceFlags(plan),
    ...judgeFlags(plan),
  };
  const written = Object.entries(all).flatMap(([name, value]) => {
    if (value === null || value === false || usual[name] === value) return [];
    if (value === true) return [`--${name}`];
    return (typeof value === "string" ? [value] : value).map((text) => `--${name}=${quoted(text)}`);
  });
  // Behind the flags, and behind a -- where it could be taken for one.
  const named = args.some((arg) => arg.startsWith("-")) ? ["--", ...args] : args;
  return ["bench", command, ...written, ...named.map(quoted)].join(" ");
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(12))}%`;
}

function targetFlags({ target }: RunPlan): FlagTexts {
  const { endpoints, leaderOnly, metricsEndpoints, tls, user, local, ignoresQuota } = target;
  const scheme = tls === null ? "" : "https://";
  const own: FlagTexts =
    local === null
      ? {
          endpoints: endpoints.map((endpoint) => `${scheme}${endpoint}`).join(","),
          "metrics-endpoints": metricsEndpoints?.join(",") ?? null,
          cacert: tls?.caFile ?? null,
          cert: tls?.certFile ?? null,
          key: tls?.keyFile ?? null,
          "tls-server-name": tls?.serverName ?? null,
          "insecure-skip-tls-verify": tls?.skipVerify ?? false,
          user,
        }
      : { local: String(local.members), tls: local.tls, auth: local.auth };
  return { ...own, "target-leader": leaderOnly, force: ignoresQuota };
}

/** What comes at a rate of its own where none is given. */
const PACED_BY_DEFAULT: readonly RunPlan["workload"]["kind"][] = [
  "kubernetes",
  "watch-latency",
  "staleness",
];

function loadFlags({ load, pacing, search, workload }: RunPlan): FlagTexts {
  const { ratePerSec, arrival, wait } = pacing;
  const isPaced = ratePerSec !== null;
  const closedLoop = PACED_BY_DEFAULT.includes(workload.kind) ? ["0"] : null;
  return {
    conns: String(load.connections),
    clients: String(load.clients),
    workers: String(load.workers),
    transport: load.transport,
    timeout: formatDuration(load.timeoutMs),
    "dial-timeout": load.dialTimeoutMs === null ? null : formatDuration(load.dialTimeoutMs),
    seed: String(load.seed),
    rate: search !== null ? null : isPaced ? [formatRate(ratePerSec)] : closedLoop,
    arrival: isPaced ? arrival : null,
    pacing: isPaced ? wait : null,
  };
}

function limitFlags({ limits, search }: RunPlan): FlagTexts {
  const { totalRequests, durationMs, warmupRequests, warmupMs } = limits;
  const warmup =
    warmupRequests === null ? warmupMs && formatDuration(warmupMs) : String(warmupRequests);
  return {
    // A total beside a duration is no default any more.
    ...(totalRequests === null || search !== null ? {} : { total: [String(totalRequests)] }),
    duration: durationMs === null ? null : formatDuration(durationMs),
    warmup: warmup || null,
  };
}

function maintenanceFlags({ maintenance, workload }: RunPlan): FlagTexts {
  const { compaction, defragmentation } = maintenance;
  const compacts: FlagTexts =
    compaction === null || workload.kind === "kubernetes"
      ? {}
      : {
          "compact-interval": formatDuration(compaction.intervalMs),
          "compact-index-delta": String(compaction.keptRevisions),
        };
  return {
    ...compacts,
    "defrag-at": defragmentation?.atMs.map(formatDuration).join(",") ?? null,
    "defrag-member": defragmentation?.member ?? null,
  };
}

function judgeFlags({ judge, search, labels, cleanup }: RunPlan): FlagTexts {
  return {
    "find-max": search?.limits.map(({ expression }) => expression) ?? null,
    "find-start": search === null ? null : String(search.startRatePerSec),
    "find-step-duration": search === null ? null : formatDuration(search.stepDurationMs),
    "find-precision": search === null ? null : percent(search.precision),
    "max-error-rate": String(judge.maxErrorRate),
    threshold: judge.thresholds.map(({ expression }) => expression),
    strict: judge.strict,
    "check-hashkv": judge.checkHashKv,
    label: Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    cleanup,
  };
}
