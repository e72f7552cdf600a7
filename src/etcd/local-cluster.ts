/**
 * Owns throwaway etcd clusters on loopback: started for one run or one test, able to suffer
 * crashes and freezes, and gone with their data when they are stopped or this process ends.
 */
import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { BenchError, usageError } from "../errors.ts";
import { fromSystemError, reason } from "../system-error.ts";
import type { EtcdBinary } from "./etcd-binary/binary.ts";
import {
  createClusterFolder,
  removeClusterFolder,
  sweepAbandonedClusters,
} from "./local-cluster/cluster-folder.ts";
import { READY_WITHIN_MS } from "./local-cluster/cluster-members.ts";
import {
  type ClusterOptions,
  ClusterProcesses,
  type LocalCluster,
} from "./local-cluster/cluster-processes.ts";
import { NotReadyError } from "./local-cluster/readiness.ts";
import {
  OPEN_CLUSTER,
  type SecurityOptions,
  turnAuthenticationOn,
} from "./local-cluster/security.ts";

export type { LocalCluster, LocalMember } from "./local-cluster/cluster-processes.ts";

export interface LocalClusterOptions extends ClusterOptions {
  say?: (line: string) => void;
  /** Until all members are healthy. */
  readyWithinMs?: number;
}

const START_ATTEMPTS = 5;
const LOG_LINES_SHOWN = 3;
/** With less, etcd cannot even write to its log why it ended. */
const FULL_BYTES = 64 * 1024;

/** Starts a cluster and resolves when all members are healthy; a usage error shows etcd's log. */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { binary, members, say = () => {} } = options;
  const swept = sweepAbandonedClusters();
  if (swept > 0) say(`local cluster: removed ${swept} left behind by a run that was killed`);
  for (let attempt = 1; ; attempt++) {
    const cluster = await ClusterProcesses.start(options).catch(refused);
    try {
      await cluster.awaitAllHealthy(options.readyWithinMs ?? READY_WITHIN_MS);
      await turnAuthenticationOn(cluster.endpoints, cluster.access);
      const etcd = `etcd ${binary.version}${describeSecurity(options.security)}`;
      say(
        members === 1
          ? `local cluster: ${etcd} at ${cluster.endpoints[0]}`
          : `local cluster: ${members} members of ${etcd} at ${cluster.endpoints.join(", ")}`,
      );
      return cluster;
    } catch (error) {
      const log = error instanceof NotReadyError ? error.member.logTail() : "";
      const roomBytes = freeBytes();
      await cluster.down();
      const isFull =
        /no space left|quota exceeded/i.test(log) ||
        (roomBytes ?? Number.POSITIVE_INFINITY) < FULL_BYTES;
      if (isFull) throw noRoom(roomBytes, error);
      if (!(error instanceof NotReadyError)) throw error;
      const portTaken = log.includes("address already in use");
      if (!portTaken || attempt === START_ATTEMPTS) throw startError(binary, error, log);
      say("local cluster: another program took one of its ports, starting again on others");
    }
  }
}

/** Makes a cluster's folder and removes it again. @throws BenchError (usage) where it cannot */
export function checkClusterFolder(): void {
  try {
    removeClusterFolder(createClusterFolder());
  } catch (cause) {
    refused(cause);
  }
}

/** The system did not let it be made. */
function refused(cause: unknown): never {
  if (cause instanceof BenchError || fromSystemError(cause) === null) throw cause;
  throw usageError(
    `the local cluster could not be made in ${tmpdir()}: ${reason(cause)}; ` +
      "set TMPDIR to a folder with free space that this user may write",
    cause,
  );
}

/** Of the temporary folder's disk; null where the system does not tell. */
function freeBytes(): number | null {
  try {
    const { bavail, bsize } = statfsSync(tmpdir());
    return bavail * bsize;
  } catch {
    return null;
  }
}

function noRoom(roomBytes: number | null, cause: unknown): BenchError {
  const room = roomBytes === null ? "" : ` (${Math.floor(roomBytes / 1e6)} MB free)`;
  return usageError(
    `the local cluster did not start: no space left on the disk of ${tmpdir()}${room}, of which each member ` +
      "takes 64 MB when it starts; free space there, or set TMPDIR to a folder on another disk",
    cause,
  );
}

function describeSecurity({ tls, auth }: SecurityOptions = OPEN_CLUSTER): string {
  return `${tls ? " over TLS" : ""}${auth === null ? "" : ` with authentication (${auth})`}`;
}

function startError(binary: EtcdBinary, error: NotReadyError, log: string): BenchError {
  // Behind a flag that it does not take etcd explains itself, which says less than the line before.
  const [told = ""] = log.split(/^Usage:$/m);
  const lines = told.trim().split("\n").slice(-LOG_LINES_SHOWN);
  return usageError(
    `the local cluster of ${binary.path} did not start: ${error.message}; ` +
      `its log ends: ${lines.join(" | ") || "(empty)"}`,
    error,
  );
}
