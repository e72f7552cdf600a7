/** The flags of `bench soak` that are not of the load that it offers. */
import { duration, textOrBare } from "./vocabulary.ts";

const soak = { group: "Soak:" } as const;
const LONGEST_MS = 500 * 3_600_000;

export const SOAK_TIME_FLAGS = {
  durationMs: duration({
    ...soak,
    name: "duration",
    short: "z",
    default: "1h",
    min: 1_000,
    max: LONGEST_MS,
    describe: "time to measure, e.g. 8h; time between segments does not count",
  }),
  everyMs: duration({
    ...soak,
    name: "every",
    default: "10m",
    min: 1_000,
    max: 24 * 3_600_000,
    describe: "time of a row; a drift shows in ten rows or more",
  }),
};

export const SOAK_RESUME = textOrBare(
  {
    ...soak,
    name: "resume",
    describe:
      "=DIR of a soak that was cut short, with the same flags: measures the time that is left",
  },
  "",
);
