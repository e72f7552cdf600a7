/**
 * Decides in which order, and in how many pieces, the operations of a run are measured. Two operations
 * are interleaved (ABBA), so that a machine that grows slower or faster meets both alike.
 */
import type { RunPlan } from "../plan/schema.ts";

export interface Slice {
  /** Index of the operation. */
  operation: number;
  /** Of the whole run; null without a total. */
  requests: number | null;
  durationMs: number | null;
  /** Of the whole run; null for a closed loop. */
  ratePerSec: number | null;
}

const MOST_ROUNDS = 10;
/** Below these a slice would be more edges than middle. */
const LEAST_REQUESTS_PER_CLIENT = 10;
const LEAST_SLICE_MS = 500;

/** What slicing must know of an operation; by its place in the run's list. */
export interface SlicedOperation {
  setUpRequests?: number;
  isOutsideClock?: boolean;
}

export function sliceRun(plan: RunPlan, all: readonly SlicedOperation[]): Slice[] {
  const setUps: Slice[] = [];
  const measured: number[] = [];
  for (const [operation, { setUpRequests, isOutsideClock }] of all.entries()) {
    if (isOutsideClock) continue;
    if (setUpRequests === undefined) measured.push(operation);
    else setUps.push({ operation, requests: setUpRequests, durationMs: null, ratePerSec: null });
  }
  return [...setUps, ...interleave(plan, measured)];
}

function interleave(plan: RunPlan, operations: readonly number[]): Slice[] {
  const { totalRequests, durationMs } = plan.limits;
  const { ratePerSec } = plan.pacing;
  if (operations.length === 1) {
    return [{ operation: operations[0]!, requests: totalRequests, durationMs, ratePerSec }];
  }
  const rounds = countRounds(plan);
  const slices: Slice[] = [];
  for (let round = 0; round < rounds; round++) {
    const order = [...operations];
    if (round % 2 === 1) order.reverse();
    for (const operation of order) {
      slices.push({
        operation,
        requests: totalRequests === null ? null : part(totalRequests, round, rounds),
        durationMs: durationMs === null ? null : durationMs / rounds,
        ratePerSec,
      });
    }
  }
  return slices;
}

function countRounds({ limits, load }: RunPlan): number {
  const byTotal =
    limits.totalRequests === null
      ? MOST_ROUNDS
      : Math.floor(limits.totalRequests / (load.clients * LEAST_REQUESTS_PER_CLIENT));
  const byTime =
    limits.durationMs === null ? MOST_ROUNDS : Math.floor(limits.durationMs / LEAST_SLICE_MS);
  // An even number gives each operation the same places; two is the least that interleaves.
  const rounds = Math.min(MOST_ROUNDS, byTotal, byTime);
  return Math.max(2, rounds - (rounds % 2));
}

/** The parts of all rounds add up to the total. */
function part(total: number, round: number, rounds: number): number {
  return Math.floor((total * (round + 1)) / rounds) - Math.floor((total * round) / rounds);
}
