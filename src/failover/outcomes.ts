/** The outcomes of single requests in columns, by the time at which each was due. */
import type { RequestChunk } from "../load/recording/request-log.ts";

export const OK = 0;

/** All columns have one length; rows are in the order of `dueMs`. Times count from the run's start. */
export interface Outcomes {
  readonly dueMs: Float64Array;
  readonly endMs: Float64Array;
  /** A gRPC code, or NEVER_SENT. */
  readonly status: Uint8Array;
  readonly group: Uint16Array;
  readonly number: Float64Array;
  readonly revision: Float64Array;
  readonly known: Float64Array;
}

/** Puts together what was recorded second by second. `originNs` is the start of the run. */
export function outcomesOf(chunks: readonly RequestChunk[], originNs: number): Outcomes {
  const places = chunks.flatMap((chunk, at) => Array.from(chunk.dueNs, (_, row) => [at, row]));
  places.sort(([a, i], [b, j]) => chunks[a!]!.dueNs[i!]! - chunks[b!]!.dueNs[j!]!);
  const outcomes = emptyOutcomes(places.length);
  for (const [to, [at, row]] of places.entries()) {
    const chunk = chunks[at!]!;
    outcomes.dueMs[to] = (chunk.dueNs[row!]! - originNs) / 1e6;
    outcomes.endMs[to] = (chunk.endNs[row!]! - originNs) / 1e6;
    outcomes.status[to] = chunk.status[row!]!;
    outcomes.group[to] = chunk.group[row!]!;
    outcomes.number[to] = chunk.number[row!]!;
    outcomes.revision[to] = chunk.revision[row!]!;
    outcomes.known[to] = chunk.known[row!]!;
  }
  return outcomes;
}

/** The rows that `keeps` returns true for, in their order. */
export function selected(all: Outcomes, keeps: (row: number) => boolean): Outcomes {
  const rows = Array.from(all.dueMs.keys()).filter(keeps);
  const some = emptyOutcomes(rows.length);
  for (const [to, row] of rows.entries()) {
    some.dueMs[to] = all.dueMs[row]!;
    some.endMs[to] = all.endMs[row]!;
    some.status[to] = all.status[row]!;
    some.group[to] = all.group[row]!;
    some.number[to] = all.number[row]!;
    some.revision[to] = all.revision[row]!;
    some.known[to] = all.known[row]!;
  }
  return some;
}

export function ofGroup(all: Outcomes, group: number): Outcomes {
  return selected(all, (row) => all.group[row] === group);
}

export function emptyOutcomes(rows: number): Outcomes {
  return {
    dueMs: new Float64Array(rows),
    endMs: new Float64Array(rows),
    status: new Uint8Array(rows),
    group: new Uint16Array(rows),
    number: new Float64Array(rows),
    revision: new Float64Array(rows),
    known: new Float64Array(rows),
  };
}

/** Whether the request was answered well and within `slowMs` of when it was due. */
export function isGood(outcomes: Outcomes, row: number, slowMs: number): boolean {
  return outcomes.status[row] === OK && outcomes.endMs[row]! - outcomes.dueMs[row]! <= slowMs;
}
