/** Tells processes apart by more than a pid, which the system gives out again. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { bootId } from "../../machine/boot-id.ts";
import { fieldsOfStat, readOfProcess } from "../../machine/system-files.ts";
import { isSystemError, requireProc } from "../../system-error.ts";

const HAS_PROC = existsSync("/proc/self/stat");

/** A process that was started: another one may get its pid, but not its start time too. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Null: it had ended before it could be looked at. */
  readonly startTime: string | null;
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, startTime: startTimeOf(pid) };
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return startTime !== null && startTimeOf(pid) === startTime;
}

/**
 * The living processes of the session that this one began, itself among them. A session's number is
 * given to no other process while one of it lives. Without /proc only the process itself is known.
 */
export function sessionOf(leader: ProcessIdentity): number[] {
  const now = startTimeOf(leader.pid);
  const isAnother = now !== null && now !== leader.startTime;
  if (leader.startTime === null || isAnother) return [];
  if (!HAS_PROC) return now === null ? [] : [leader.pid];
  return allPids().filter((pid) => {
    const fields = statFieldsOf(pid);
    return fields !== null && !isEnded(fields) && Number(fields[SESSION_FIELD]) === leader.pid;
  });
}

/** Whether SIGSTOP has stopped it; false where the system does not tell. */
export function isPaused({ pid }: ProcessIdentity): boolean {
  return HAS_PROC && statFieldsOf(pid)?.[STATE_FIELD] === "T";
}

/** When the process started, in the system's own words; null where no such process lives. */
export function startTimeOf(pid: number): string | null {
  if (!HAS_PROC) return askPs(pid, "lstart");
  const fields = statFieldsOf(pid);
  return fields === null || isEnded(fields) ? null : `${ownBootId()}/${fields[START_FIELD]}`;
}

/** Counted from the state, which is field 3 of proc(5). */
const STATE_FIELD = 0;
const SESSION_FIELD = 3;
const START_FIELD = 19;

function statFieldsOf(pid: number): string[] | null {
  const stat = readOfProcess(`/proc/${pid}/stat`);
  return stat === null ? null : fieldsOfStat(stat);
}

function isEnded(fields: readonly string[]): boolean {
  return fields[STATE_FIELD] === "Z" || fields[STATE_FIELD] === "X";
}

let knownBootId: string | null = null;

/** Start times count from the start of the machine. */
function ownBootId(): string {
  knownBootId ??= bootId() ?? "";
  return knownBootId;
}

function allPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Those of this machine's living processes that have `argument` in their command line. */
export function processesNaming(argument: string, recordedPids: readonly number[]): number[] {
  const pids = HAS_PROC ? allPids() : recordedPids;
  return pids.filter((pid) => pid !== process.pid && commandLineOf(pid)?.includes(argument));
}

/**
 * The namespace that our pids belong to; null where there is none to ask. Containers can share a
 * temporary folder without seeing each other's processes.
 */
export function pidNamespace(): string | null {
  if (!HAS_PROC) return null;
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch (error) {
    // A kernel without namespaces, or a /proc that shows none.
    if (!isSystemError(error)) throw error;
    return null;
  }
}

/** Waits, without the event loop, until each process is gone or the bound has passed. */
export function awaitEndSync(pids: readonly number[], boundMs: number): void {
  const deadline = performance.now() + boundMs;
  const nap = new Int32Array(new SharedArrayBuffer(4));
  while (pids.some((pid) => startTimeOf(pid) !== null) && performance.now() < deadline) {
    Atomics.wait(nap, 0, 0, 5);
  }
}

/** Sends a signal; false where the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

function commandLineOf(pid: number): string | null {
  return HAS_PROC ? readOfProcess(`/proc/${pid}/cmdline`) : askPs(pid, "command");
}

/** On a system that has no /proc of its own. @throws BenchError (usage) on one that lacks it */
function askPs(pid: number, field: "lstart" | "command"): string | null {
  requireProc();
  try {
    const output = execFileSync("ps", ["-o", `${field}=`, "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output.trim() || null;
  } catch (error) {
    // ps ends with 1 where no such process lives; anything else is a broken machine.
    if ((error as { status?: number }).status === 1) return null;
    throw error;
  }
}
