/**
 * Throwaway etcd clusters on loopback: started for one run or one test, and gone with their data when
 * they are taken down or this process ends.
 */
import { tmpdir } from "node:os";
import { BenchError, usageError } from "../errors.ts";
import { fromSystemError, reason } from "../system-error.ts";
import {
  createClusterFolder,
  removeClusterFolder,
  sweepAbandonedClusters,
} from "./local-cluster/cluster-folder.ts";
import {
  type ClusterOptions,
  ClusterProcesses,
  type LocalCluster,
} from "./local-cluster/cluster-processes.ts";
import { OPEN_CLUSTER, type SecurityOptions } from "./local-cluster/security.ts";
import { startHealthy } from "./local-cluster/start-healthy.ts";

export type { LocalCluster, LocalMember } from "./local-cluster/cluster-processes.ts";

export interface LocalClusterOptions extends ClusterOptions {
  /** As lines and errors call it. */
  what?: string;
  say?: (line: string) => void;
  /** Until all members are healthy. */
  readyWithinMs?: number;
}

const LOCAL_CLUSTER = "the local cluster";

/** Starts a cluster and resolves when all members are healthy; a usage error shows etcd's log. */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { what = LOCAL_CLUSTER, binary, members, say = () => {}, readyWithinMs } = options;
  const name = what.replace(/^the /, "");
  const swept = sweepAbandonedClusters();
  if (swept > 0) say(`${name}: removed ${swept} folders of runs that were killed`);
  const cluster = await startHealthy({
    what,
    etcdPath: binary.path,
    folder: tmpdir(),
    folderFix: "set TMPDIR to a folder on another disk",
    say,
    start: () => ClusterProcesses.start(options).catch((error) => refused(what, error)),
    ...(readyWithinMs !== undefined && { readyWithinMs }),
  });
  if (options.hasGrpcProxy) {
    await cluster.startGrpcProxy(readyWithinMs).catch(async (error) => {
      await cluster.down();
      throw error;
    });
  }
  const etcd = `etcd ${binary.version}${describeSecurity(options.security)}`;
  say(
    members === 1
      ? `${name}: ${etcd} at ${cluster.endpoints[0]}`
      : `${name}: ${members} members of ${etcd} at ${cluster.endpoints.join(", ")}`,
  );
  if (cluster.grpcProxy !== null) say(`${name}: etcd's grpc-proxy at ${cluster.grpcProxy}`);
  return cluster;
}

/** Makes a cluster's folder and removes it again. @throws BenchError (usage) where it cannot */
export function checkClusterFolder(): void {
  try {
    removeClusterFolder(createClusterFolder());
  } catch (cause) {
    refused(LOCAL_CLUSTER, cause);
  }
}

/** The system did not let it be made. */
function refused(what: string, cause: unknown): never {
  if (cause instanceof BenchError || fromSystemError(cause) === null) throw cause;
  throw usageError(
    `${what} could not be made in ${tmpdir()}: ${reason(cause)}; ` +
      "set TMPDIR to a folder with free space that this user may write",
    cause,
  );
}

export function describeSecurity({ tls, auth }: SecurityOptions = OPEN_CLUSTER): string {
  return `${tls ? " over TLS" : ""}${auth === null ? "" : ` with authentication (${auth})`}`;
}
