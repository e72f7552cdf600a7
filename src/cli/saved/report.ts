/** `bench report FILE...`: prints what was saved, of files or folders, again, in any format. */

import type { Command } from "../command.ts";
import { REPORT_FLAGS } from "./report-flags.ts";

export const reportCommand: Command = {
  name: "report",
  summary:
    "Print saved results, or a saved comparison, trend, failover, doctor or memory, in any format",
  positionals: "<result..>",
  minPositionals: 1,
  maxPositionals: Number.POSITIVE_INFINITY,
  flags: Object.values(REPORT_FLAGS),
  examples: [
    ["report results/run.json", "the table of a saved run"],
    ["report results -o summary", "one table of all runs in a folder and below it"],
    ["report comparison.json -o markdown", "a comparison that `-o json=comparison.json` saved"],
    ["report results/run.json -o csv=intervals.csv", "its intervals too, as CSV in a file"],
    ["report results/run.json -o html=run.html", "its page with charts, for a browser"],
  ],
  async run(flags, paths) {
    const { printSavedResults } = await import("./print-saved-results.ts");
    return printSavedResults(paths, flags);
  },
};
