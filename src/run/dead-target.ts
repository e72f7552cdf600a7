/**
 * Owns when a phase that only its own requests end is given up: no connection has been up for a
 * while, and a dead server gives few successes or failures that would end it.
 */
import type { SnapshotMessage } from "../load/messages.ts";
import type { PhaseOrder } from "./phase-runner.ts";

const GIVE_UP_NS = 10e9;

/** What a phase is to the person. */
export type PhasePurpose = "warm-up" | "set-up" | "load";

export class DeadTarget {
  /** When a connection was last seen ready. */
  #lastReadyNs = 0;
  /** What giving up leaves undone; null: there is nothing to give up, or it has been. */
  #undone: string | null = null;

  /** A phase begins. */
  watch(phase: PhaseOrder, purpose: PhasePurpose, startNs: number): void {
    this.#lastReadyNs = startNs;
    this.#undone = phase.durationMs === null ? undoneOf(phase, purpose) : null;
  }

  /** Why the phase is to be given up, once; null: it goes on. */
  reasonToGiveUp({
    toNs,
    readyConnections,
  }: Pick<SnapshotMessage, "toNs" | "readyConnections">): string | null {
    if (readyConnections > 0) this.#lastReadyNs = toNs;
    if (this.#undone === null || toNs - this.#lastReadyNs <= GIVE_UP_NS) return null;
    const undone = this.#undone;
    this.#undone = null;
    return `no connection has been up for ${GIVE_UP_NS / 1e9} s: the run gave up ${undone}`;
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
