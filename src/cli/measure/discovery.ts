/**
 * Reads --discovery-srv, --discovery-srv-name and etcdctl's variables of them, and gives the
 * endpoints that DNS has, so that plans are made from endpoints alone.
 */
import { usageError } from "../../errors.ts";
import { type Discovery, discoverEndpoints, type ResolveSrv } from "../../etcd/discovery-srv.ts";
import type { PlanFlags } from "../../plan/plan-flags.ts";

/** Each name is looked up once for all runs of a command. */
export class EndpointDiscovery {
  readonly #found = new Map<string, Promise<string[]>>();
  readonly #resolve: ResolveSrv | undefined;

  constructor(resolve?: ResolveSrv) {
    this.#resolve = resolve;
  }

  /** The flags, with `endpoints` in place of nothing. @throws BenchError that names the flag */
  async flags<Flags extends PlanFlags>(flags: Flags): Promise<Flags> {
    const domain = flags["discovery-srv"];
    if (domain === undefined) {
      if (flags["discovery-srv-name"] !== undefined && flags["discovery-srv-name"] !== "") {
        throw usageError(
          "--discovery-srv-name needs the domain that it belongs to, e.g. --discovery-srv=example.com",
        );
      }
      return flags;
    }
    for (const name of ["endpoints", "local"] as const) {
      if (flags[name] !== undefined) {
        throw usageError(
          `--discovery-srv and --${name} exclude each other: each says which etcd is measured; give one of them`,
        );
      }
    }
    const source = "--discovery-srv";
    const found = await this.#endpoints({
      domain,
      name: flags["discovery-srv-name"] ?? "",
      source,
    });
    return { ...flags, endpoints: found.join(",") };
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
  async variablesFor(flags: PlanFlags, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
    const isNamed = flags.endpoints !== undefined || flags.local !== undefined;
    return isNamed ? env : await this.variables(env);
  }

  #endpoints(discovery: Discovery): Promise<string[]> {
    const key = JSON.stringify(discovery);
    const found = this.#found.get(key) ?? discoverEndpoints(discovery, this.#resolve);
    this.#found.set(key, found);
    return found;
  }
}
