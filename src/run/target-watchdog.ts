/**
 * Decides when a phase that only its own requests end is given up: no connection has been up for a
 * while, or nothing has been answered for several timeouts. It would go on for hours otherwise, one
 * failure for each client in each timeout.
 */
import type { SnapshotMessage } from "../load/messages.ts";
import type { PhaseOrder } from "./phase-runner.ts";

const GIVE_UP_NS = 10e9;
/** Without an answer, at least as long as without a connection. */
const GIVE_UP_TIMEOUTS = 3;

/** What a phase is to the user. */
export type PhasePurpose = "warm-up" | "set-up" | "load";

type Seen = Pick<SnapshotMessage, "toNs" | "readyConnections" | "progress">;

export class TargetWatchdog {
  readonly #unansweredNs: number;
  /** When a connection was last seen ready. */
  #lastReadyNs = 0;
  /** When an answer was last seen, and what has failed without one since. */
  #lastAnsweredNs = 0;
  #unanswered = 0;
  /** What giving up leaves undone; null: there is nothing to give up, or it has been. */
  #undone: string | null = null;
  #isExpected = false;

  /** `timeoutMs`: what a request has. */
  constructor(timeoutMs: number) {
    this.#unansweredNs = Math.max(GIVE_UP_NS, GIVE_UP_TIMEOUTS * timeoutMs * 1e6);
  }

  /** A phase begins. */
  watch(phase: PhaseOrder, purpose: PhasePurpose, startNs: number): void {
    this.#lastReadyNs = startNs;
    this.#lastAnsweredNs = startNs;
    this.#unanswered = 0;
    this.#undone = phase.durationMs === null ? undoneOf(phase, purpose) : null;
  }

  /** The plan's own faults may silence etcd while they last, and a while after. */
  expectSilence(isExpected: boolean): void {
    this.#isExpected = isExpected;
  }

  /** Why the phase is to be given up, once; null: it goes on. */
  reasonToGiveUp({ toNs, readyConnections, progress }: Seen): string | null {
    if (this.#isExpected) {
      this.#lastReadyNs = toNs;
      this.#lastAnsweredNs = toNs;
      return null;
    }
    if (readyConnections > 0) this.#lastReadyNs = toNs;
    this.#unanswered += progress.unanswered;
    if (progress.answered > 0) {
      this.#lastAnsweredNs = toNs;
      this.#unanswered = 0;
    }
    if (this.#undone === null) return null;
    const reason = this.#silence(toNs, progress.lastFailure);
    if (reason === null) return null;
    const undone = this.#undone;
    this.#undone = null;
    return `${reason}: the run gave up ${undone}`;
  }

  #silence(nowNs: number, lastFailure: string): string | null {
    if (nowNs - this.#lastReadyNs > GIVE_UP_NS) {
      return `no connection has been up for ${GIVE_UP_NS / 1e9} s`;
    }
    // Without a failure nothing was due, or it still has time.
    const silentNs = nowNs - this.#lastAnsweredNs;
    if (this.#unanswered === 0 || silentNs <= this.#unansweredNs) return null;
    const seconds = Math.floor(silentNs / 1e9);
    return (
      `no request was answered for ${seconds} s, in which ${this.#unanswered} failed ` +
      `(the last: ${lastFailure})`
    );
  }
}

function undoneOf({ requests }: PhaseOrder, purpose: PhasePurpose): string {
  switch (purpose) {
    case "warm-up":
      return "in its warm-up (with a time for --warmup it would go on)";
    case "set-up":
      return "before its set-up was whole";
    case "load":
      if (requests === null) return "before its end";
      return "before its total (with --duration it would go on to its end)";
  }
}
