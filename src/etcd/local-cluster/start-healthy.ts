/**
 * Starts a cluster until it is healthy: again on other ports where another program took one, and with
 * the end of etcd's log where it does not start.
 */
import { type BenchError, usageError } from "../../errors.ts";
import { type ClusterMembers, READY_WITHIN_MS } from "./cluster-members.ts";
import { freeBytes, isDiskFull } from "./disk-room.ts";
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
      const roomBytes = freeBytes(options.folder);
      const isFull = isDiskFull(options.folder, log);
      await cluster.down();
      if (isFull) throw noRoom(options, roomBytes, error);
      if (!(error instanceof NotReadyError)) throw error;
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

function noRoom(
  { what, folder, folderFix }: Pick<StartOptions<never>, "what" | "folder" | "folderFix">,
  roomBytes: number | null,
  cause: unknown,
): BenchError {
  const room = roomBytes === null ? "" : ` (${Math.floor(roomBytes / 1e6)} MB free)`;
  return usageError(
    `${what} did not start: no space left on the disk of ${folder}${room}, of which each member ` +
      `takes 64 MB when it starts; free space there, or ${folderFix}`,
    cause,
  );
}
