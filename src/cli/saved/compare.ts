/** `bench compare BASE HEAD`: saved results against each other, measuring nothing. */

import type { Command } from "../command.ts";
import { COMPARE_FLAGS } from "./compare-flags.ts";

export const compareCommand: Command = {
  name: "compare",
  summary:
    "Compare saved results: two files, two folders of runs that took turns, or a session of ab",
  positionals: "<base> [head]",
  minPositionals: 1,
  maxPositionals: 2,
  flags: Object.values(COMPARE_FLAGS),
  examples: [
    ["compare results/base results/head", "the verdict over pairs of runs, each gate with its p"],
    [
      "compare before.json after.json -o markdown=summary.md",
      "one run each: only ratios, also as markdown for a pull request",
    ],
    ["compare results/ab-conns", "the session of `bench ab ... --save=results/ab-conns` once more"],
    [
      "compare results/base results/head --gate=p99 --least-effect=p99=15% --strict",
      "p99 only, differences below 15% do not count; exit code 3 if undecided",
    ],
  ],
  async run(flags, [base, head]) {
    const { compareSaved } = await import("./compare-saved.ts");
    return compareSaved(base!, head ?? null, flags);
  },
};
