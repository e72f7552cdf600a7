/**
 * Starts a cluster until it is healthy: again on other ports where another program took one, and with
 * the end of etcd's log where it does not start.
 */
import { type BenchError, usageError } from "../../errors.ts";
import { FILES_KEPT_BY_ETCD } from "../open-files.ts";
import { type ClusterMembers, READY_WITHIN_MS } from "./cluster-members.ts";
import { type DiskRoom, diskRoom, isDiskFull } from "./disk-room.ts";
import { logEnd } from "./log-end.ts";
import { NotReadyError } from "./readiness.ts";
import { turnAuthenticationOn } from "./security.ts";

export interface StartOptions<Cluster> {
  /** `the local cluster`. */
  what: string;
  etcdPath: string;
  /** Where its data goes, and what to do if that is full. */
  folder: string;
  folderFix: string;
  /** Whether it can start on these ports alone. */
  isOnGivenPorts?: boolean;
  say(line: string): void;
  /** Until all members are healthy. */
  readyWithinMs?: number;
  start(): Promise<Cluster>;
}

export const START_ATTEMPTS = 5;

/** etcd's last words where the limit of open files is below that. */
const LACKS_FILES = /file descriptor limit of etcd process is too low/;

/** Resolves when all members are healthy. @throws BenchError (usage) that shows etcd's log */
export async function startHealthy<Cluster extends ClusterMembers & { down(): Promise<void> }>(
  options: StartOptions<Cluster>,
): Promise<Cluster> {
  const { what, etcdPath, say, readyWithinMs = READY_WITHIN_MS } = options;
  for (let attempt = 1; ; attempt++) {
    const cluster = await options.start();
    try {
      await cluster.awaitAllHealthy(readyWithinMs);
      await turnAuthenticationOn(cluster.endpoints, cluster.access);
      return cluster;
    } catch (error) {
      const log = error instanceof NotReadyError ? error.process.logTail() : "";
      const room = diskRoom(options.folder);
      const isFull = isDiskFull(options.folder, log);
      await cluster.down();
      if (isFull) throw noRoom(options, room, error);
      if (!(error instanceof NotReadyError)) throw error;
      if (LACKS_FILES.test(log)) {
        throw usageError(
          `${what} did not start: etcd keeps ${FILES_KEPT_BY_ETCD} open files for its own use, and the limit is lower; ` +
            "raise it (ulimit -n 1024)",
          error,
        );
      }
      const portTaken = log.includes("address already in use") && options.isOnGivenPorts !== true;
      if (!portTaken || attempt === START_ATTEMPTS) {
        throw usageError(
          `${what} of ${etcdPath} did not start: ${error.message}; ` +
            `its log ends: ${logEnd(log) || "(empty)"}`,
          error,
        );
      }
      const name = what.replace(/^the /, "");
      say(`${name}: another program took one of its ports, starting again on others`);
    }
  }
}

/** Of its log, its database and its folders, when it starts. */
const FILES_OF_MEMBER = 16;
const BYTES_OF_MEMBER = 128e6;

function noRoom(
  { what, folder, folderFix }: Pick<StartOptions<never>, "what" | "folder" | "folderFix">,
  room: DiskRoom | null,
  cause: unknown,
): BenchError {
  if (room !== null && room.freeFiles < FILES_OF_MEMBER && room.freeBytes > BYTES_OF_MEMBER) {
    return usageError(
      `${what} did not start: the disk of ${folder} can hold ${room.freeFiles} more files (inodes), and each ` +
        `member makes more; delete files there, or ${folderFix}`,
      cause,
    );
  }
  const free = room === null ? "" : ` (${Math.floor(room.freeBytes / 1e6)} MB free)`;
  return usageError(
    `${what} did not start: no space left on the disk of ${folder}${free}, of which each member ` +
      `takes ${BYTES_OF_MEMBER / 1e6} MB when it starts; free space there, or ${folderFix}`,
    cause,
  );
}
