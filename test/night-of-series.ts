/** Owns what a real result becomes in a series of nights that never were: dated, labelled, scaled. */
import type { RunResult } from "../src/result/schema.ts";

const FIRST_NIGHT_MS = Date.UTC(2026, 5, 1, 2);
const DAY_MS = 86_400_000;

/** @param rate in place of the requests per second of each operation */
export function nightOfSeries(
  real: RunResult,
  night: number,
  side: string,
  rate: number,
): RunResult {
  const result = structuredClone(real);
  result.id = `${side}-${night}`;
  const ofHeadMs = side === "head" ? 60_000 : 0;
  result.startedAt = new Date(FIRST_NIGHT_MS + night * DAY_MS + ofHeadMs).toISOString();
  result.plan.labels = { side, ...(side === "head" ? { commit: `c${night}` } : {}) };
  // A loaded machine makes the client the limit of a short run, and such a night is left out.
  result.verdict = { kind: "valid", reasons: [] };
  for (const operation of result.operations) operation.throughputPerSec = rate;
  return result;
}
