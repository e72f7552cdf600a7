/** Decides how much the tests draw: all (`npm run test:all`), what a day needs, or a quick look (`npm run check`). */

/** In the environment of each test process. */
export const WHOLE_RUN = "BENCH_TEST_ALL";
export const QUICK_RUN = "BENCH_TEST_QUICK";

/** Cases that a property draws in a quick look at most. */
export const QUICK_CASES = 5;

/** How many cases a test draws: all of them where the tests are run whole. */
export function drawn(cases: { daily: number; whole: number }): number {
  return isWholeRun() ? cases.whole : cases.daily;
}

/** Cases of a property, of which a quick look draws few. */
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
