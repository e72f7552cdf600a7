/** Sets how many cases the tests use: all (`test:all`), a daily run, or a quick run (`npm run check`). */

/** Environment variables of each test process. */
export const WHOLE_RUN = "BENCH_TEST_ALL";
export const QUICK_RUN = "BENCH_TEST_QUICK";

/** Maximum number of cases of a property in a quick run. */
export const QUICK_CASES = 5;

/** The number of cases that a test draws: all of them in a whole run. */
export function drawn(cases: { daily: number; whole: number }): number {
  return isWholeRun() ? cases.whole : cases.daily;
}

/** The number of cases of a property; few in a quick run. */
export function cases(daily: number, whole = daily): number {
  const count = drawn({ daily, whole });
  return isQuickRun() ? Math.min(count, QUICK_CASES) : count;
}

export function isWholeRun(): boolean {
  return process.env[WHOLE_RUN] === "1";
}

export function isQuickRun(): boolean {
  return process.env[QUICK_RUN] === "1";
}
