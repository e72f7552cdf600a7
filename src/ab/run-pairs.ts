/** Owns the carrying out of a session: pairs one after another, until all are there or it is ended. */
import { BenchError } from "../errors.ts";
import { type SideName, turnsOf } from "./turns.ts";

export interface PairsToRun {
  /** Whole pairs that are wanted in the end, and those that are there already. */
  pairs: number;
  done: number;
  /** Measured first, and thrown away. */
  warmupPairs: number;
  isAFirst: boolean;
  /** What the next pair is known by; one that broke off leaves its number unused. */
  nextPair: number;
}

export interface PairRunner {
  /** `pair` is what the run is known by; null: it is thrown away. */
  measure(side: SideName, pair: number | null): Promise<void>;
  /** Behind each measured pair; `done` counts it. */
  onPair(done: number): void;
  stop: AbortSignal;
}

/**
 * Resolves to what kept it from going on, where that is no matter of a result: null when all pairs
 * are there, or when it was stopped. Anything but a BenchError is thrown on.
 */
export async function runPairs(
  { pairs, done, warmupPairs, isAFirst, nextPair }: PairsToRun,
  { measure, onPair, stop }: PairRunner,
): Promise<BenchError | null> {
  try {
    for (let at = 0; at < warmupPairs; at++) {
      for (const side of turnsOf(at, isAFirst)) {
        if (stop.aborted) return null;
        await measure(side, null);
      }
    }
    for (let at = done; at < pairs; at++) {
      for (const side of turnsOf(at, isAFirst)) {
        if (stop.aborted) return null;
        await measure(side, nextPair + at - done);
      }
      if (!stop.aborted) onPair(at + 1);
    }
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return error;
  }
  return null;
}
