/**
 * Owns in which order, and in how many pieces, the operations of a run are measured. Two operations
 * are interleaved (ABBA), so that a machine that grows slower or faster meets both alike.
 */
import type { RunPlan } from "../plan/schema.ts";

export interface Slice {
  /** Index of the operation. */
  operation: number;
  /** Of the whole run; null without a total. */
  requests: number | null;
  durationMs: number | null;
}

const MOST_ROUNDS = 10;
/** Below these a slice would be more edges than middle. */
const LEAST_REQUESTS_PER_CLIENT = 10;
const LEAST_SLICE_MS = 500;

export function sliceRun(plan: RunPlan, operations: number): Slice[] {
  const { totalRequests, durationMs } = plan.limits;
  if (operations === 1) return [{ operation: 0, requests: totalRequests, durationMs }];
  const rounds = countRounds(plan);
  const slices: Slice[] = [];
  for (let round = 0; round < rounds; round++) {
    const order = Array.from({ length: operations }, (_, operation) => operation);
    if (round % 2 === 1) order.reverse();
    for (const operation of order) {
      slices.push({
        operation,
        requests: totalRequests === null ? null : part(totalRequests, round, rounds),
        durationMs: durationMs === null ? null : durationMs / rounds,
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
