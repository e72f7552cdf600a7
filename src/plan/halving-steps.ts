/** Estimates the steps of a search that halves a range of rates to a part of it. */

/** Every second step fails, and a step that fails is measured again. */
const RUNS_PER_STEP = 1.5;

export function halvingSteps(parts: number): number {
  return parts <= 1 ? 0 : Math.ceil(Math.log2(parts)) * RUNS_PER_STEP;
}
