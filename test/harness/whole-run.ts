/** Owns whether the tests are run whole (`npm run test:all`), or what a day needs of them. */

/** In the environment of each test process. */
export const WHOLE_RUN = "BENCH_TEST_ALL";

/** How many cases a test draws: all of them where the tests are run whole. */
export function drawn(cases: { daily: number; whole: number }): number {
  return isWholeRun() ? cases.whole : cases.daily;
}

export function isWholeRun(): boolean {
  return process.env[WHOLE_RUN] === "1";
}
