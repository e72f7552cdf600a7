/**
 * Opens the etcd that a run goes to: the one that its plan names, or a throwaway cluster that is
 * started for it.
 */
import type { Access } from "../../access/access.ts";
import type { OwnCluster } from "../../events/definition.ts";
import type { GivenFlags } from "../../flags/flag.ts";
import { ETCD } from "../../flags/target.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { readAccess } from "./access.ts";
import { checkProcessLimits, type LimitedPlan } from "./process-limits.ts";

export interface Target {
  /** Of a cluster that was started; null: the plan names its own. */
  endpoints: readonly string[] | null;
  /** `http(s)://host:port` of its members' metrics; null: the endpoints serve them. */
  metricsEndpoints: readonly string[] | null;
  dataFileSystem: string | null;
  access: Access;
  /** The processes of a cluster that was started, for events that act on them. */
  cluster: OwnCluster | null;
  /** Takes down what was started. */
  stop(): Promise<void>;
}

/** Each call gives the etcd that was named, or a new cluster. */
export type TargetOpener = (say: (line: string) => void) => Promise<Target>;

export interface TargetOptions {
  flags: GivenFlags;
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
  /** What named the binary, where not `--etcd`. */
  etcdFlag?: string;
}

/**
 * Reads keys and passwords, or finds the binary that clusters are started from, and starts nothing.
 * @throws BenchError where no etcd could be found, or a file of keys is of no use
 */
export async function readyTarget(
  plan: LimitedPlan,
  options: TargetOptions,
): Promise<TargetOpener> {
  const { local } = plan.target;
  await checkProcessLimits(plan);
  if (local !== null) return readyLocal(local, options);
  const access = await readAccess(plan, options.flags, options.env);
  const of = await stateOfCluster(plan.target.cluster);
  return async () => ({
    endpoints: null,
    metricsEndpoints: null,
    ...of,
    access,
    async stop() {},
  });
}

/** The same of a throwaway cluster alone. @throws BenchError where no binary could be found */
export async function readyLocal(
  local: NonNullable<RunPlan["target"]["local"]>,
  { flags, say, etcdFlag }: Omit<TargetOptions, "env">,
): Promise<TargetOpener> {
  const { findEtcd } = await import("../../etcd/etcd-binary/find.ts");
  const { startLocalCluster } = await import("../../etcd/local-cluster.ts");
  const explicitPath = ETCD.read(flags) ?? undefined;
  const binary = await findEtcd({ explicitPath, explicitOrigin: etcdFlag, say });
  return async (sayOfCluster) => {
    const cluster = await startLocalCluster({
      binary,
      members: local.members,
      extraArgs: local.serverArgs,
      security: { tls: local.tls, auth: local.auth },
      hasGrpcProxy: local.grpcProxy,
      isProxied: local.proxied,
      say: sayOfCluster,
    });
    const { dataFileSystem, access, grpcProxy, members } = cluster;
    // A grpc-proxy serves metrics of its own, and a fault of the network must hide none.
    const isDirect = grpcProxy === null && !local.proxied;
    const seen = {
      endpoints: grpcProxy === null ? cluster.endpoints : [grpcProxy],
      metricsEndpoints: isDirect ? null : members.map(metricsEndpointOf),
    };
    return { ...seen, dataFileSystem, access, cluster, stop: () => cluster.down() };
  };
}

/** @throws BenchError where no etcd could be found or started, or a file of keys is of no use */
export async function openTarget(
  plan: LimitedPlan,
  flags: GivenFlags,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<Target> {
  const open = await readyTarget(plan, { flags, env, say });
  return open(say);
}

/** The plan with the endpoints of a cluster that was started for it. */
export function planFor(plan: RunPlan, { endpoints, metricsEndpoints }: Target): RunPlan {
  if (endpoints === null) return plan;
  const metrics = metricsEndpoints === null ? null : [...metricsEndpoints];
  return {
    ...plan,
    target: { ...plan.target, endpoints: [...endpoints], metricsEndpoints: metrics },
  };
}

function metricsEndpointOf({ metricsUrl }: { metricsUrl: string }): string {
  return new URL(metricsUrl).origin;
}

/**
 * What bench knows of a cluster that it started earlier, and of no other.
 * @throws BenchError (unreachable) where a member that was named does not run
 */
async function stateOfCluster(
  name: string | null,
): Promise<Pick<Target, "dataFileSystem" | "cluster">> {
  if (name === null) return { dataFileSystem: null, cluster: null };
  const { fileSystemOf } = await import("../../etcd/local-cluster/data-file-system.ts");
  const { assertServing, targetCluster } = await import("../cluster/open-cluster.ts");
  const { cluster, text, endpoints } = await targetCluster(name);
  assertServing(cluster, text, endpoints);
  // Those of a Procfile are where its commands say.
  const dataDir = cluster.members[0]?.dataDir;
  const dataFileSystem = dataDir === undefined ? null : fileSystemOf(dataDir);
  return { dataFileSystem, cluster };
}
