/**
 * Scales times to the speed of the machine, which each test process measures once. They are limits
 * that only a hang reaches, and durations of runs in which a test acts in the middle. No checked
 * figure depends on them.
 */

/** Steps of the measured work: 60 ms of CPU on the machine of the author. */
const STEPS = 30_000_000;
/** Duration of the work on two cores while six test files run at once and nothing else does. */
const ORDINARY_MS = 180;
/** Upper bound of the factor, because a short freeze of the machine can spoil the measurement. */
const MOST = 6;

const slowness = Math.min(MOST, Math.max(1, Math.round(workMs() / ORDINARY_MS)));

/** A whole multiple of a time: 1 on an ordinary machine, more on a slower one. */
export function patient(time: number): number {
  return time * slowness;
}

/** Wall-clock duration of the work, under the current load of the machine. */
function workMs(): number {
  const startMs = performance.now();
  let state = 1;
  for (let step = 0; step < STEPS; step++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  // The state is never 0; this check stops the compiler from removing the loop.
  return state === 0 ? 0 : performance.now() - startMs;
}
