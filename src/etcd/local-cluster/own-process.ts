/**
 * A process that bench started, in this run or in an earlier one: its start, its log file, its end. It
 * is known by pid and start time, so that nothing else is ever signalled.
 */
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { readEndOfFile } from "../../text-file.ts";
import {
  isAlive,
  type ProcessIdentity,
  sessionOf,
  signal,
  startTimeOf,
} from "./process-identity.ts";
import { spawnRecorded } from "./recorded-spawn.ts";

export interface Launch {
  /** The path of the program and its arguments. */
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export interface ProcessSettings {
  readonly name: string;
  readonly logPath: string;
}

/** As state files keep it. */
export interface StartedProcess extends ProcessIdentity {
  /** ISO 8601. */
  readonly startedAt: string;
}

const LOG_TAIL_BYTES = 8 * 1024;
const POLL_MS = 10;
/** Short: the data goes with the process, and the last members of a cluster wait for a lost quorum. */
const TERM_BOUND_MS = 500;
const KILL_BOUND_MS = 5_000;
const WRITE_BOUND_MS = 10_000;

export abstract class OwnProcess<Settings extends ProcessSettings = ProcessSettings> {
  readonly settings: Settings;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();
  #started: StartedProcess | null;
  #end: string | null;

  /** @param started the process that an earlier bench started; null: none was */
  constructor(settings: Settings, started: StartedProcess | null = null) {
    this.settings = settings;
    this.#started = started;
    this.#end = started === null ? "it was never started" : null;
  }

  /** Whether it may start processes of its own, which then get the same signals. */
  protected abstract readonly hasChildren: boolean;
  protected abstract launch(): Launch;

  get name(): string {
    return this.settings.name;
  }

  get logPath(): string {
    return this.settings.logPath;
  }

  /** Of the latest start; 0 before the first. */
  get pid(): number {
    return this.#started?.pid ?? 0;
  }

  /** The latest start; null before the first. */
  get started(): StartedProcess | null {
    return this.#started;
  }

  get running(): boolean {
    return this.end === null || this.#pids().length > 0;
  }

  /** How the process ended (`exit code 1`); null while it runs. */
  get end(): string | null {
    const isOfAnother = this.#child === null && this.#started !== null;
    if (isOfAnother && !isAlive(this.#started!)) this.#end = "its process is gone";
    return this.#end;
  }

  /** @param record writes down the process; the program runs only if that succeeded */
  start(record: () => void): void {
    // What it prints itself, such as a panic, goes where etcd's log goes.
    const log = openSync(this.logPath, "a");
    try {
      spawnRecorded(this.launch(), log, (child) => {
        this.#follow(child);
        record();
      });
    } finally {
      closeSync(log);
    }
  }

  signal(name: NodeJS.Signals): boolean {
    if (this.#started === null) return false;
    if (!this.hasChildren) return this.end === null && signal(this.pid, name);
    return this.#pids().filter((pid) => signal(pid, name)).length > 0;
  }

  /** Resolves true once the process has ended, false where it has not within the bound. */
  async awaitEnd(boundMs: number): Promise<boolean> {
    const deadlineMs = performance.now() + boundMs;
    if (this.#child !== null) {
      let timer: NodeJS.Timeout | undefined;
      const bound = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, boundMs);
      });
      await Promise.race([this.#ended, bound]);
      clearTimeout(timer);
    }
    while (this.running && performance.now() < deadlineMs) await delay(POLL_MS);
    return !this.running;
  }

  /** The end of the log; at most a few KiB. */
  logTail(): string {
    return readEndOfFile(this.logPath, LOG_TAIL_BYTES);
  }

  /** It and its children, as far as they live. */
  #pids(): number[] {
    return this.hasChildren && this.#started !== null ? sessionOf(this.#started) : [];
  }

  #follow(child: ChildProcess): void {
    const { pid = 0 } = child;
    this.#child = child;
    const startTime = pid === 0 ? null : startTimeOf(pid);
    this.#started = { pid, startTime, startedAt: new Date().toISOString() };
    this.#end = null;
    this.#ended = new Promise((resolve) => {
      const ended = (how: string) => {
        if (this.#child === child) this.#end = how;
        resolve();
      };
      child.once("error", (error) => ended(error.message));
      child.once("exit", (code, name) => ended(name ?? `exit code ${code}`));
    });
  }
}

/** Ends a process whose data is used again: it gets the time to write what it has in memory. */
export async function endKeepingData(process: OwnProcess): Promise<void> {
  if (process.signal("SIGCONT") && process.signal("SIGTERM")) {
    await process.awaitEnd(WRITE_BOUND_MS);
  }
  await endGently(process);
}

/** Ends a process whose data is of no further use. */
export async function endGently(process: OwnProcess): Promise<void> {
  // A paused process takes no SIGTERM until it is resumed.
  process.signal("SIGCONT");
  process.signal("SIGTERM");
  if (await process.awaitEnd(TERM_BOUND_MS)) return;
  process.signal("SIGKILL");
  if (!(await process.awaitEnd(KILL_BOUND_MS))) {
    throw new Error(`process ${process.pid} (${process.name}) does not end on SIGKILL`);
  }
}
