/** Owns the way from flags to a plan's target: endpoints and how to get in, or a throwaway cluster. */
import { usageError } from "../errors.ts";
import {
  ACCESS_FLAGS,
  localAuthOf,
  refuseWithoutLocal,
  tlsFromFlags,
  userFromFlags,
} from "./access-from-flags.ts";
import { parseEndpointList, parseMetricsEndpoints } from "./endpoints.ts";
import { type PlanFlags, textOf } from "./plan-flags.ts";
import type { RunPlan } from "./schema.ts";
import { badValue, isZeroDuration, MAX_DURATION_MS, parseDurationMs } from "./units.ts";

export function targetOf(
  flags: PlanFlags,
  env: NodeJS.ProcessEnv,
  note: (line: string) => void,
): RunPlan["target"] {
  const leaderOnly = flags["target-leader"] ?? false;
  const ignoresQuota = flags.force ?? false;
  const metrics = flags["metrics-endpoints"];
  noteAutoSync(flags, note);
  if (flags.local === undefined) {
    if (flags.etcd !== undefined) note("--etcd has no effect without --local: nothing is started");
    refuseWithoutLocal(flags);
    // etcdctl takes an empty variable for none.
    const fromEnv = flags.endpoints === undefined && env.ETCDCTL_ENDPOINTS;
    const listName = listNameOf(flags, env);
    const { endpoints, scheme } = parseEndpointList(
      fromEnv || textOf(flags, "endpoints"),
      listName,
    );
    const tls = tlsFromFlags(flags, env, { scheme, listName }, note);
    const metricsEndpoints =
      metrics === undefined
        ? null
        : parseMetricsEndpoints(metrics, "--metrics-endpoints", tls === null ? "http" : "https");
    const user = userFromFlags(flags, env)?.name ?? null;
    return { endpoints, leaderOnly, metricsEndpoints, tls, user, local: null, ignoresQuota };
  }
  for (const name of ["endpoints", "metrics-endpoints", ...ACCESS_FLAGS] as const) {
    if (flags[name] !== undefined) {
      throw usageError(
        `--local and --${name} exclude each other: --local starts an etcd of its own for this run; give one of them`,
      );
    }
  }
  const members = ([1, 3, 5] as const).find((count) => String(count) === flags.local);
  if (members === undefined) throw badValue("--local", flags.local, "1, 3 or 5 members", "3");
  const local = { members, tls: flags.tls ?? false, auth: localAuthOf(flags), serverArgs: [] };
  return {
    endpoints: [],
    leaderOnly,
    metricsEndpoints: null,
    tls: null,
    user: null,
    local,
    ignoresQuota,
  };
}

/** What named the endpoints, which errors about them speak of. */
function listNameOf(flags: PlanFlags, env: NodeJS.ProcessEnv): string {
  if (flags["discovery-srv"] !== undefined) return "--discovery-srv";
  if (flags.endpoints !== undefined || !env.ETCDCTL_ENDPOINTS) return "--endpoints";
  return env.ETCDCTL_DISCOVERY_SRV ? "ETCDCTL_DISCOVERY_SRV" : "ETCDCTL_ENDPOINTS";
}

function noteAutoSync(flags: PlanFlags, note: (line: string) => void): void {
  const text = textOf(flags, "auto-sync-interval");
  if (isZeroDuration(text)) return;
  parseDurationMs("--auto-sync-interval", text, { max: MAX_DURATION_MS, example: "30s" });
  note(
    "--auto-sync-interval has no effect: each connection stays with the endpoint that it was dealt, " +
      "so that members that join or leave in the middle do not move the load",
  );
}
