/**
 * Scales times to the speed of the machine, measured once in each test process: limits that only a
 * hang may reach, and how long a run must last so that a test can act in the middle of it. No figure
 * that a test looks at is held to such a time.
 */

/** Steps of the piece of work: 60 ms of CPU where this was written. */
const STEPS = 30_000_000;
/** What the work takes while the tests run six at a time on two cores, with nothing else on them. */
const ORDINARY_MS = 180;
/** A machine that stood still for a moment while this was measured is not that slow. */
const MOST = 6;

const slowness = Math.min(MOST, Math.max(1, Math.round(workMs() / ORDINARY_MS)));

/** A whole multiple of a time, in its unit: the same on an ordinary machine, longer on a slower one. */
export function patient(time: number): number {
  return time * slowness;
}

/** How long the piece of work takes on the wall clock, next to all that runs meanwhile. */
function workMs(): number {
  const startMs = performance.now();
  let state = 1;
  for (let step = 0; step < STEPS; step++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  // The state is never 0; asking keeps the loop from being optimised away.
  return state === 0 ? 0 : performance.now() - startMs;
}
