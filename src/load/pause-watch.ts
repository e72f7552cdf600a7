/**
 * Finds pauses of a thread by a tick that comes late: the process was stopped, its machine or its
 * container did not run it, garbage was collected, or one turn of the event loop took that long.
 */
import { openSync, readSync } from "node:fs";
import { PerformanceObserver } from "node:perf_hooks";
import { sharedNowNs } from "../clock.ts";

const USUAL_TICK_MS = 20;
/** A tick that is later than this is a pause: turns of a loaded loop and of a scheduler are shorter. */
export const LEAST_PAUSE_NS = 50e6;
/** With less CPU than this share of the pause, the thread did not run. */
const IDLE_SHARE = 0.2;
/** Garbage collections of this share of a pause are its cause. */
const COLLECTED_SHARE = 0.5;

/** `not-run`: stopped, suspended, throttled or without a free CPU; `busy`: one long turn. */
export type PauseCause = "not-run" | "garbage-collection" | "busy";

export interface Pause {
  /** On the clock that all threads share: when the thread was last seen to run. */
  startNs: number;
  /** By how much the tick was late at least. */
  durationNs: number;
  cause: PauseCause;
}

/** Nanoseconds that the thread ran so far, and that it waited for a CPU; null where not known. */
export interface ThreadCpu {
  ranNs: number;
  waitedNs: number | null;
}

export interface PauseWatchOptions {
  onPause: (pause: Pause) => void;
  /** Between two looks: each wakes an idle thread. */
  tickMs?: number;
  nowNs?: () => number;
  cpu?: () => ThreadCpu;
}

export class PauseWatch {
  readonly #onPause: (pause: Pause) => void;
  readonly #tickMs: number;
  readonly #nowNs: () => number;
  readonly #cpu: () => ThreadCpu;
  #timer: NodeJS.Timeout | null = null;
  #collections: PerformanceObserver | null = null;
  #collectedNs = 0;
  #seenNs = 0;
  #ranNs = 0;
  #waitedAtStartNs: number | null = null;
  #startNs = 0;
  /** Waits for one more tick, since collections are reported after the turn that they were in. */
  #found: { startNs: number; durationNs: number; ranNs: number } | null = null;

  constructor(options: PauseWatchOptions) {
    const { onPause, tickMs = USUAL_TICK_MS, nowNs = sharedNowNs, cpu = threadCpu } = options;
    this.#onPause = onPause;
    this.#tickMs = tickMs;
    this.#nowNs = nowNs;
    this.#cpu = cpu;
  }

  /** From `startNs` on, which may be to come; a pause before it is none. */
  start(startNs = this.#nowNs()): void {
    this.begin(startNs);
    this.#collections = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.collected(duration * 1e6);
    });
    this.#collections.observe({ entryTypes: ["gc"] });
    this.#timer = setInterval(() => this.tick(), this.#tickMs);
  }

  /** The share of the time since the start for which this thread waited for a CPU; null: not known. */
  stop(): number | null {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.tick();
    this.#tell();
    this.#collections?.disconnect();
    const { waitedNs } = this.#cpu();
    const elapsedNs = this.#nowNs() - this.#startNs;
    if (waitedNs === null || this.#waitedAtStartNs === null || elapsedNs <= 0) return null;
    return Math.min(1, (waitedNs - this.#waitedAtStartNs) / elapsedNs);
  }

  /** Without timers, for tests. */
  begin(startNs: number): void {
    const { ranNs, waitedNs } = this.#cpu();
    this.#seenNs = startNs;
    this.#startNs = this.#nowNs();
    this.#ranNs = ranNs;
    this.#waitedAtStartNs = waitedNs;
  }

  collected(durationNs: number): void {
    this.#collectedNs += durationNs;
  }

  tick(): void {
    const now = this.#nowNs();
    const { ranNs } = this.#cpu();
    this.#tell();
    const lateNs = now - this.#seenNs - this.#tickMs * 1e6;
    if (lateNs >= LEAST_PAUSE_NS) {
      this.#found = { startNs: this.#seenNs, durationNs: lateNs, ranNs: ranNs - this.#ranNs };
    } else {
      this.#collectedNs = 0;
    }
    this.#seenNs = Math.max(this.#seenNs, now);
    this.#ranNs = ranNs;
  }

  #tell(): void {
    if (this.#found === null) return;
    const { startNs, durationNs, ranNs } = this.#found;
    this.#found = null;
    let cause: PauseCause = ranNs < durationNs * IDLE_SHARE ? "not-run" : "busy";
    if (this.#collectedNs >= durationNs * COLLECTED_SHARE) cause = "garbage-collection";
    this.#collectedNs = 0;
    this.#onPause({ startNs, durationNs, cause });
  }
}

/** Each thread has its own copy of this module, and so its own file; undefined: not opened yet. */
let schedulerFile: number | null | undefined;
const text = Buffer.alloc(128);

/** Of the calling thread where the kernel tells, else of the process. */
function threadCpu(): ThreadCpu {
  if (schedulerFile === undefined) schedulerFile = openSchedulerFile();
  if (schedulerFile === null) {
    const { user, system } = process.cpuUsage();
    return { ranNs: (user + system) * 1e3, waitedNs: null };
  }
  const length = readSync(schedulerFile, text, 0, text.length, 0);
  const [ran, waited] = text.toString("latin1", 0, length).split(" ");
  return { ranNs: Number(ran), waitedNs: Number(waited) };
}

function openSchedulerFile(): number | null {
  try {
    return openSync("/proc/thread-self/schedstat", "r");
  } catch {
    // Another system than Linux, or a kernel without scheduler statistics.
    return null;
  }
}
