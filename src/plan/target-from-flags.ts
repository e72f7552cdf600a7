/** The target of a plan: endpoints and how to get in, or a throwaway cluster. */
import { flagError } from "../errors.ts";
import { AGENT_FLAGS } from "../flags/agents.ts";
import { type GivenFlags, isGiven, type Read } from "../flags/flag.ts";
import { ACCESS_FLAGS, TARGET_FLAGS } from "../flags/target.ts";
import { refuseWithoutLocal, tlsFromFlags, userFromFlags } from "./access-from-flags.ts";
import { parseEndpointList, parseMetricsEndpoints } from "./endpoints.ts";
import type { RunPlan } from "./schema.ts";

const { endpoints: ENDPOINTS, metricsEndpoints: METRICS_ENDPOINTS, discoverySrv } = TARGET_FLAGS;
const MEMBERS = { "1": 1, "3": 3, "5": 5 } as const;

export function targetOf(
  flags: Read<typeof TARGET_FLAGS>,
  given: GivenFlags,
  env: NodeJS.ProcessEnv,
  note: (line: string) => void,
): RunPlan["target"] {
  const { leaderOnly, ignoresQuota, metricsEndpoints: metrics, local: members, cluster } = flags;
  if (flags.autoSyncIntervalMs !== null) {
    note(
      "--auto-sync-interval has no effect: each connection stays with the endpoint that it was dealt, " +
        "so that members that join or leave during the run do not move the load",
    );
  }
  if (members === null) {
    // With agents it is what their coordination etcd is started from.
    if (flags.etcd !== null && !isGiven(given, AGENT_FLAGS.agents))
      note("--etcd has no effect without --local: nothing is started");
    refuseWithoutLocal(flags);
    // etcdctl takes an empty variable for none.
    const fromEnv = !isGiven(given, ENDPOINTS) && env.ETCDCTL_ENDPOINTS;
    const listName = listNameOf(given, env);
    const { endpoints, scheme } = parseEndpointList(fromEnv || flags.endpoints, listName);
    const tls = tlsFromFlags(flags, given, env, { scheme, listName }, note);
    const metricsEndpoints =
      metrics === null
        ? null
        : parseMetricsEndpoints(metrics, "--metrics-endpoints", tls === null ? "http" : "https");
    const user = userFromFlags(given, env)?.name ?? null;
    const etcd = { endpoints, metricsEndpoints, tls, user, local: null, cluster };
    return { ...etcd, leaderOnly, ignoresQuota };
  }
  for (const flag of [ENDPOINTS, METRICS_ENDPOINTS, ...Object.values(ACCESS_FLAGS)]) {
    if (!isGiven(given, flag)) continue;
    throw flagError(
      "local",
      `--local and --${flag.name} exclude each other: --local starts an etcd of its own for this run; give one of them`,
    );
  }
  if (flags.grpcProxy && leaderOnly) {
    throw flagError(
      "grpc-proxy",
      "--grpc-proxy and --target-leader exclude each other: the proxy chooses the member; leave one of them out",
    );
  }
  const { tls, auth, grpcProxy, isProxied: proxied } = flags;
  const local = { members: MEMBERS[members], tls, auth, grpcProxy, proxied, serverArgs: [] };
  return {
    endpoints: [],
    leaderOnly,
    metricsEndpoints: null,
    tls: null,
    user: null,
    local,
    cluster: null,
    ignoresQuota,
  };
}

/** What named the endpoints, by which errors call them. */
function listNameOf(given: GivenFlags, env: NodeJS.ProcessEnv): string {
  if (isGiven(given, discoverySrv)) return "--discovery-srv";
  if (isGiven(given, ENDPOINTS) || !env.ETCDCTL_ENDPOINTS) return "--endpoints";
  return env.ETCDCTL_DISCOVERY_SRV ? "ETCDCTL_DISCOVERY_SRV" : "ETCDCTL_ENDPOINTS";
}
