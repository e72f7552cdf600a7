/**
 * Makes and removes the temporary folder of a throwaway cluster, and sweeps the folders (and their
 * etcds) of a bench that was killed before it could clean up.
 */
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSystemError } from "../../system-error.ts";
import {
  awaitEndSync,
  pidNamespace,
  processesNaming,
  signal,
  startTimeOf,
} from "./process-identity.ts";

const PREFIX = "etcd-bench-local-";
const OWNER_FILE = "owner.json";
/** Between the folder and its owner file lie microseconds; a minute without one means a crash. */
const OWNERLESS_MAX_AGE_MS = 60_000;
const KILL_BOUND_MS = 5_000;

interface Owner {
  pid: number;
  /** Guards against a pid that was given out again. */
  startTime: string | null;
  pidNamespace: string | null;
  memberPids: number[];
}

/** Throws the system's error where it cannot be made or written, and leaves nothing then. */
export function createClusterFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  try {
    recordMembers(folder, []);
  } catch (cause) {
    removeClusterFolder(folder);
    throw cause;
  }
  return folder;
}

/** Says in the folder whose it is and which processes belong to it. */
export function recordMembers(folder: string, memberPids: number[]): void {
  const owner: Owner = {
    pid: process.pid,
    startTime: startTimeOf(process.pid),
    pidNamespace: pidNamespace(),
    memberPids,
  };
  // Renamed into place, so that a sweep never reads half of it.
  const draft = join(folder, `${OWNER_FILE}.new`);
  writeFileSync(draft, `${JSON.stringify(owner)}\n`);
  renameSync(draft, join(folder, OWNER_FILE));
}

/** Retries, since an etcd that was killed just now may still hold a file open. */
export function removeClusterFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** Ends the etcds of every cluster whose owner is gone and removes its folder; yields how many. */
export function sweepAbandonedClusters(): number {
  let swept = 0;
  for (const name of clusterFolders()) {
    const folder = join(tmpdir(), name);
    const abandoned = abandonedMembers(folder);
    if (abandoned === null) continue;
    const pids = processesNaming(`-dir=${folder}/`, abandoned);
    for (const pid of pids) signal(pid, "SIGKILL");
    awaitEndSync(pids, KILL_BOUND_MS);
    removeClusterFolder(folder);
    swept++;
  }
  return swept;
}

/** None where the temporary folder cannot be read, which is found out when a new one is made. */
function clusterFolders(): string[] {
  try {
    return readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [];
  }
}

/** The recorded pids of a folder whose owner is gone; null for one to leave alone. */
function abandonedMembers(folder: string): number[] | null {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isDirectory() || stats.uid !== process.getuid?.()) return null;
  const owner = readOwner(folder);
  if (owner === null) return Date.now() - stats.mtimeMs > OWNERLESS_MAX_AGE_MS ? [] : null;
  if (owner.pidNamespace !== pidNamespace()) return null;
  if (owner.startTime !== null && startTimeOf(owner.pid) === owner.startTime) return null;
  return owner.memberPids;
}

function readOwner(folder: string): Owner | null {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER_FILE), "utf8")) as Owner;
  } catch (error) {
    // Not written yet, being removed by its owner, or cut short by a full disk: abandoned, if old.
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || error instanceof SyntaxError) return null;
    throw error;
  }
}
