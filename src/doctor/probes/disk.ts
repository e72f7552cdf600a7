/**
 * Measures what the disk of a folder needs to sync a log as etcd writes it: 2,300 bytes appended, then
 * fdatasync, over and over. fio does it where it is installed, with the arguments that etcd's users
 * know; a loop here does the same otherwise.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { endWithProcess } from "../../etcd/local-cluster/exit-cleanup.ts";
import { allOnPath } from "../../executable.ts";
import { fromSystemError, isSystemError } from "../../system-error.ts";
import { runFio } from "./fio.ts";
import { LatencyProbe, type ProbeLatency } from "./probe-latency.ts";

/** As in fio's line for etcd. */
export const WRITE_BYTES = 2_300;
/** Enough for a p99: at least a thousand syncs. */
const MOST_WRITES = 2_000;
const DEFAULT_MOST_MS = 5_000;
/** How long the loop keeps the event loop for itself. */
const TURN_MS = 20;
const FOLDER_PREFIX = ".bench-doctor-";
/** No probe takes so long: a folder that old is of one that was killed. */
const LEFT_MS = 600_000;

export interface DiskProbe {
  /** As it was given, or found in the members' command lines. */
  dataDir: string;
  /** Where the file was: never in a folder of etcd's log or snapshots. */
  folder: string;
  tool: "fio" | "own loop";
  writes: number;
  /** Of the fdatasync alone, as etcd's own metric; null where nothing was written. */
  sync: ProbeLatency | null;
  /** Why it could not be measured to its end. */
  fault: string | null;
}

export interface DiskOptions {
  dataDir: string;
  signal: AbortSignal;
  /** Ends after 2,000 writes, or after this time. */
  mostMs?: number;
  env?: NodeJS.ProcessEnv;
}

/** Removes what it wrote, however it ends. Never rejects over the disk: `fault` says what is wrong. */
export async function probeDisk(options: DiskOptions): Promise<DiskProbe> {
  const { dataDir, signal, mostMs = DEFAULT_MOST_MS, env = process.env } = options;
  const [fio] = allOnPath("fio", env);
  const probe: DiskProbe = {
    ...{ dataDir, folder: dataDir, writes: 0, sync: null, fault: null },
    tool: fio === undefined ? "own loop" : "fio",
  };
  try {
    probe.folder = probeFolder(dataDir);
    await inOwnFolder(probe.folder, async (folder) => {
      if (fio !== undefined) Object.assign(probe, await runFio(fio, { folder, mostMs, signal }));
      else await syncLoop(join(folder, "log"), { probe, mostMs, signal });
    });
  } catch (error) {
    const known = error instanceof DiskFault ? error : fromSystemError(error);
    if (known === null) throw error;
    probe.fault = known.message;
  }
  return probe;
}

class DiskFault extends Error {}

/**
 * The folder on the same disk that the file may be in: the given one, or of a log's or a snapshot's
 * own folder the first above it that is neither.
 */
export function probeFolder(dataDir: string): string {
  const given = resolve(dataDir);
  const { dev } = statSync(given);
  let folder = given;
  while (isEtcdsOwn(folder)) folder = dirname(folder);
  if (statSync(folder).dev === dev) return folder;
  throw new DiskFault(
    `${dataDir} is a log's own folder and a disk of its own: make a folder on that disk, and name it with --data-dir`,
  );
}

/** What etcd alone writes into: its log, its snapshots and its database. */
function isEtcdsOwn(folder: string): boolean {
  const isNamed = ["wal", "snap", "member"].includes(basename(folder));
  return (
    folder !== dirname(folder) &&
    (isNamed || readdirSync(folder).some((name) => /\.wal$/.test(name)))
  );
}

/** The folder is gone afterwards, at a signal and at an exit too. */
async function inOwnFolder(parent: string, use: (folder: string) => Promise<void>): Promise<void> {
  removeLeft(parent);
  const folder = mkdtempSync(join(parent, FOLDER_PREFIX));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const forget = endWithProcess(remove);
  try {
    await use(folder);
  } finally {
    remove();
    forget();
  }
}

/** Folders of probes that were killed, as far as this user may. */
function removeLeft(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(FOLDER_PREFIX)) continue;
    const folder = join(parent, name);
    try {
      const { mtimeMs } = statSync(folder);
      if (Date.now() - mtimeMs > LEFT_MS) rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      // Another user's, or gone by now: the disk can be probed all the same.
      if (!isSystemError(error)) throw error;
    }
  }
}

async function syncLoop(
  file: string,
  { probe, mostMs, signal }: { probe: DiskProbe; mostMs: number; signal: AbortSignal },
): Promise<void> {
  const bytes = randomBytes(WRITE_BYTES);
  const latency = new LatencyProbe();
  const descriptor = openSync(file, "wx", 0o600);
  try {
    const untilMs = performance.now() + mostMs;
    let turnMs = performance.now();
    while (probe.writes < MOST_WRITES && performance.now() < untilMs && !signal.aborted) {
      writeSync(descriptor, bytes);
      const startMs = performance.now();
      fdatasyncSync(descriptor);
      const endMs = performance.now();
      latency.add(endMs - startMs);
      probe.writes += 1;
      if (endMs - turnMs < TURN_MS) continue;
      await nextTurn();
      turnMs = performance.now();
    }
  } finally {
    closeSync(descriptor);
    probe.sync = latency.result();
  }
}
