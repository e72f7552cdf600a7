/**
 * Reads --cluster, --discovery-srv, --discovery-srv-name and etcdctl's variables of them, and gives
 * the endpoints of the cluster, or those that DNS has, so that plans are made from endpoints alone.
 */
import { flagError } from "../../errors.ts";
import { type Discovery, discoverEndpoints, type ResolveSrv } from "../../etcd/discovery-srv.ts";
import { type GivenFlags, isGiven } from "../../flags/flag.ts";
import { ACCESS_FLAGS, TARGET_FLAGS } from "../../flags/target.ts";

const {
  cluster: CLUSTER,
  endpoints: ENDPOINTS,
  local: LOCAL,
  discoverySrv: DISCOVERY_SRV,
  metricsEndpoints: METRICS_ENDPOINTS,
  discoverySrvName: DISCOVERY_SRV_NAME,
} = TARGET_FLAGS;

/** Each name is looked up once for all runs of a command. */
export class EndpointDiscovery {
  readonly #found = new Map<string, Promise<string[]>>();
  readonly #resolve: ResolveSrv | undefined;

  constructor(resolve?: ResolveSrv) {
    this.#resolve = resolve;
  }

  /** The flags, with `endpoints` in place of nothing. @throws BenchError that names the flag */
  async flags(given: GivenFlags): Promise<GivenFlags> {
    if (isGiven(given, CLUSTER)) return await flagsOfCluster(given);
    const domain = DISCOVERY_SRV.read(given);
    const name = DISCOVERY_SRV_NAME.read(given) ?? "";
    if (domain === null) {
      if (name !== "") {
        throw flagError(
          DISCOVERY_SRV_NAME.name,
          "--discovery-srv-name needs the domain that it belongs to, e.g. --discovery-srv=example.com",
        );
      }
      return given;
    }
    for (const flag of [ENDPOINTS, LOCAL]) {
      if (isGiven(given, flag)) {
        throw flagError(
          DISCOVERY_SRV.name,
          `--discovery-srv and --${flag.name} exclude each other: each says which etcd is measured; give one of them`,
        );
      }
    }
    const found = await this.#endpoints({ domain, name, source: "--discovery-srv" });
    return { ...given, endpoints: found.join(",") };
  }

  /**
   * The variables, with ETCDCTL_ENDPOINTS in place of ETCDCTL_DISCOVERY_SRV, which etcdctl too takes
   * before ETCDCTL_ENDPOINTS.
   */
  async variables(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
    const domain = env.ETCDCTL_DISCOVERY_SRV ?? "";
    if (domain === "") return env;
    const name = env.ETCDCTL_DISCOVERY_SRV_NAME ?? "";
    const found = await this.#endpoints({ domain, name, source: "ETCDCTL_DISCOVERY_SRV" });
    return { ...env, ETCDCTL_ENDPOINTS: found.join(",") };
  }

  /** The variables that a run with these flags looks at: a flag goes before a variable. */
  async variablesFor(flags: GivenFlags, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
    const isNamed = isGiven(flags, ENDPOINTS) || isGiven(flags, LOCAL);
    return isNamed ? env : await this.variables(env);
  }

  #endpoints(discovery: Discovery): Promise<string[]> {
    const key = JSON.stringify(discovery);
    const found = this.#found.get(key) ?? discoverEndpoints(discovery, this.#resolve);
    this.#found.set(key, found);
    return found;
  }
}

/** Empty values keep variables, which are of another etcd, out of it. */
async function flagsOfCluster(given: GivenFlags): Promise<GivenFlags> {
  const others = [
    ENDPOINTS,
    LOCAL,
    DISCOVERY_SRV,
    METRICS_ENDPOINTS,
    ...Object.values(ACCESS_FLAGS),
  ];
  for (const flag of others) {
    if (!isGiven(given, flag)) continue;
    throw flagError(
      CLUSTER.name,
      `--cluster and --${flag.name} exclude each other: a cluster has its own endpoints, keys and user; give one of them`,
    );
  }
  const { targetCluster } = await import("../cluster/open-cluster.ts");
  const { cluster, text, endpoints } = await targetCluster(CLUSTER.read(given) ?? "");
  const { state, metricsEndpoints } = cluster;
  const { clientFiles, credentials } = state;
  const scheme = clientFiles === null ? "http" : "https";
  return {
    ...given,
    cluster: text,
    endpoints: endpoints.map((endpoint) => `${scheme}://${endpoint}`).join(","),
    cacert: clientFiles?.ca ?? "",
    cert: clientFiles?.cert ?? "",
    key: clientFiles?.key ?? "",
    user: credentials === null ? "" : `${credentials.user}:${credentials.password}`,
    ...(metricsEndpoints !== null && { "metrics-endpoints": metricsEndpoints.join(",") }),
  };
}
