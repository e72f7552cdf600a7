/** `bench trend DIR`: a series of nights against a pinned reference, measuring nothing. */

import type { Command } from "../command.ts";
import { TREND_FLAGS } from "./trend-flags.ts";

export const trendCommand: Command = {
  name: "trend",
  summary: "Find the nights on which a series of comparisons changed, and alarm where it is worse",
  positionals: "<dir>",
  minPositionals: 1,
  maxPositionals: 1,
  flags: Object.values(TREND_FLAGS),
  examples: [
    ["trend nightly", "the changes, and exit code 1 where a gate is worse than at its best"],
    [
      "trend nightly -o markdown=summary.md -o json=trend.json",
      "also for a job's summary, and as data",
    ],
    ["trend nightly --gate=p99 --least-effect=p99=15%", "p99 alone, and no change below 15%"],
  ],
  async run(flags, [folder]) {
    const { showTrend } = await import("./show-trend.ts");
    return showTrend(folder!, flags);
  },
};
