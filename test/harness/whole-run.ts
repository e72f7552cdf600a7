/** Owns whether the tests are run whole (`npm run test:all`), or what a day needs of them. */

/** In the environment of each test process. */
export const WHOLE_RUN = "BENCH_TEST_ALL";

export function isWholeRun(): boolean {
  return process.env[WHOLE_RUN] === "1";
}
