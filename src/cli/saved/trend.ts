/** `bench trend DIR`: finds changes in a series of saved comparisons with a pinned reference. */

import type { Command } from "../command.ts";
import { TREND_FLAGS } from "./trend-flags.ts";

export const trendCommand: Command = {
  name: "trend",
  summary: "Find changes in a series of comparisons, and alarm if the latest level is worse",
  positionals: "<dir>",
  minPositionals: 1,
  maxPositionals: 1,
  flags: Object.values(TREND_FLAGS),
  examples: [
    ["trend nightly", "the changes, and exit code 1 where a gate is worse than at its best"],
    [
      "trend nightly -o markdown=summary.md -o json=trend.json",
      "also as markdown for a job's summary, and as JSON",
    ],
    ["trend nightly --gate=p99 --least-effect=p99=15%", "p99 only, and no change below 15%"],
  ],
  async run(flags, [folder]) {
    const { showTrend } = await import("./show-trend.ts");
    return showTrend(folder!, flags);
  },
};
