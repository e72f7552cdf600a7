/**
 * Claims the folder of a session, so that no other bench measures the same runs or appends to the same
 * rows at the same time. The claim is an empty file `.bench-session.PID.START`, which is removed when the
 * command or its process ends; that of a process that was killed is void.
 */
import { randomInt } from "node:crypto";
import { existsSync, rmdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { flagError, usageError } from "../errors.ts";
import { holdFolder, letGoOfFolder } from "../etcd/process-files.ts";
import { makeFolder } from "../result/atomic-file.ts";
import { reason, requireProc } from "../system-error.ts";

const PREFIX = ".bench-session.";
/** Two sessions that begin at the same time refuse each other, until one comes first. */
const TRIES = 5;
const RETRY_MS = 50;

/** By their absolute paths: what takes back the claims of this process. */
const claims = new Map<string, () => void>();

/**
 * Makes the folder where it is missing. A folder that this process has claimed already stays claimed.
 * @param flag that named the folder
 * @throws BenchError (usage) that names the folder, and the process that uses it
 */
export async function claimSession(folder: string, flag: "resume" | "save"): Promise<void> {
  const target = path.resolve(folder);
  if (claims.has(target)) return;
  requireProc();
  const made = missingFolders(target);
  await makeFolder(folder);
  for (let tries = 1; ; tries++) {
    const other = hold(folder);
    if (other === null) break;
    if (tries === TRIES) {
      throw flagError(
        flag,
        `--${flag}: ${folder} is in use by bench with pid ${other}: wait until it ends, or stop it`,
      );
    }
    await delay(RETRY_MS + randomInt(RETRY_MS));
  }
  const release = () => {
    letGoOfFolder(target, PREFIX);
    removeEmpty(made);
  };
  claims.set(target, () => {
    process.off("exit", release);
    release();
  });
  process.once("exit", release);
}

/** Carries out a command, and releases what it has claimed when it ends. */
export async function releasingClaims<Done>(command: () => Promise<Done>): Promise<Done> {
  try {
    return await command();
  } finally {
    for (const folder of claims.keys()) releaseSession(folder);
  }
}

/** Before its command ends. Folders that were made for the session go, too, if nothing is in them. */
export function releaseSession(folder: string): void {
  const target = path.resolve(folder);
  claims.get(target)?.();
  claims.delete(target);
}

function hold(folder: string): number | null {
  try {
    return holdFolder(path.resolve(folder), PREFIX);
  } catch (cause) {
    throw usageError(`cannot write to the folder ${folder}: ${reason(cause)}`, cause);
  }
}

/** The folder and those that it lies in, as far as they are to be made; the innermost first. */
function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at); at = path.dirname(at)) missing.push(at);
  return missing;
}

function removeEmpty(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // It holds what was saved, or is gone already.
    }
  }
}
