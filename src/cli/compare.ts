/** Owns `bench compare BASE HEAD`: saved results against each other, measuring nothing. */
import type { Command } from "./command.ts";
import { type FlagSpec, output } from "./flags/flag-spec.ts";

const COMPARE_FLAGS: readonly FlagSpec[] = [
  {
    ...output,
    name: "gate",
    default: "throughput,p50,p99",
    describe: "metrics that make the verdict: of throughput, mean, p50, p90, p99, p999",
  },
  {
    ...output,
    name: "least-effect",
    repeatable: true,
    describe: "METRIC=PERCENT below which a difference is of no interest, e.g. p99=15%",
  },
  {
    ...output,
    name: "output",
    short: "o",
    repeatable: true,
    default: "table",
    describe: "FORMAT[=FILE]: table, markdown, json or junit; to standard output without FILE",
  },
  {
    ...output,
    name: "strict",
    kind: "switch",
    describe: "exit code 3 where a gate is undecided",
  },
  {
    ...output,
    name: "no-color",
    kind: "switch",
    describe: "as with $NO_COLOR; $FORCE_COLOR colours without a terminal",
  },
];

export const compareCommand: Command = {
  name: "compare",
  summary: "Compare saved results: two files, or two folders of runs that took turns",
  positionals: "<base> <head>",
  minPositionals: 2,
  maxPositionals: 2,
  flags: COMPARE_FLAGS,
  examples: [
    ["compare results/base results/head", "the verdict over pairs of runs, each gate with its p"],
    [
      "compare before.json after.json -o markdown=summary.md",
      "one run each: ratios alone, also as markdown for a pull request",
    ],
    [
      "compare results/base results/head --gate=p99 --least-effect=p99=15% --strict",
      "p99 alone, of which less than 15% is of no interest; 3 where it stays undecided",
    ],
  ],
  async run(flags, [base, head]) {
    const { compareSaved } = await import("./compare-saved.ts");
    return compareSaved(base!, head!, flags);
  },
};
