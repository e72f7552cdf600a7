/**
 * Sends what a worker records: a snapshot each second from the phase's start, and a last one at its
 * end. A second is set aside at once and encoded afterwards, one histogram in a turn of the event
 * loop, so that no request that is due waits for all of them.
 */
import type { RecorderSnapshot, RetiredRecord } from "./recorder.ts";

const SNAPSHOT_NS = 1e9;

/** What is recorded into, as far as it is set aside here. */
export interface Retirable {
  retire(): RetiredRecord;
}

/** The span of one snapshot on the clock that the threads share; intervals count from 0. */
export interface SnapshotSpan {
  interval: number;
  fromNs: number;
  toNs: number;
}

export interface SnapshotSenderOptions {
  recorders: readonly Retirable[];
  startNs: number;
  sharedNowNs: () => number;
  /** Called once for each series, in order; then `onSnapshot`. */
  onSeries: (recorded: RecorderSnapshot) => void;
  onSnapshot: (span: SnapshotSpan) => void;
  /** Calls back in a later turn of the event loop; absent: setImmediate. */
  inNextTurn?: (step: () => void) => void;
}

export class SnapshotSender {
  readonly #options: SnapshotSenderOptions;
  #fromNs: number;
  #interval = 0;
  #timer: NodeJS.Timeout | null = null;
  /** What is left of the second that was set aside last; the next one to be done is the last. */
  #steps: (() => void)[] = [];
  #isStepping = false;

  constructor(options: SnapshotSenderOptions) {
    this.#options = options;
    this.#fromNs = options.startNs;
  }

  start(): void {
    // From the phase's start, so that lateness does not add up.
    const dueNs = this.#options.startNs + (this.#interval + 1) * SNAPSHOT_NS;
    const restMs = Math.max(0, (dueNs - this.#options.sharedNowNs()) / 1e6);
    this.#timer = setTimeout(() => {
      this.cut();
      this.start();
    }, restMs);
  }

  /** Ends the second, and sends what is left of it and of the one before. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.cut();
    this.#finish();
  }

  /** Ends the second: sets it aside, to be sent in the turns that follow. */
  cut(): void {
    // Where turns are so long that the last second is not out yet, it goes first.
    this.#finish();
    const { recorders, onSeries, onSnapshot, sharedNowNs } = this.#options;
    const span = { interval: this.#interval, fromNs: this.#fromNs, toNs: sharedNowNs() };
    const steps: (() => void)[] = [];
    for (const recorder of recorders) {
      const retired = recorder.retire();
      steps.push(...retired.steps, () => onSeries(retired.snapshot));
    }
    steps.push(() => onSnapshot(span));
    this.#steps = steps.reverse();
    this.#fromNs = span.toNs;
    this.#interval += 1;
    this.#stepSoon();
  }

  #stepSoon(): void {
    if (this.#isStepping || this.#steps.length === 0) return;
    this.#isStepping = true;
    (this.#options.inNextTurn ?? setImmediate)(() => {
      this.#isStepping = false;
      this.#steps.pop()?.();
      this.#stepSoon();
    });
  }

  #finish(): void {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) step();
  }
}
