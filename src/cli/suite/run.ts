/** Owns `bench run SUITE`: all cells of a suite, kept one by one, and what they came to. */
import type { Command } from "../command.ts";
import { type FlagSpec, load, output } from "../flags/flag-spec.ts";
import { LABEL_FLAG, NO_PROGRESS_FLAG, PRINT_FLAGS } from "../flags/output.ts";
import { TARGET_FLAGS } from "../flags/target.ts";

const SUITE_FLAGS: readonly FlagSpec[] = [
  {
    ...load,
    name: "set",
    repeatable: true,
    describe:
      "FLAG=VALUE in every cell that takes the flag; given again with another value, all of them in turn",
  },
  {
    ...load,
    name: "scale",
    default: "1",
    describe: "factor of all totals and durations, e.g. 0.01 to try a suite out",
  },
  { ...load, name: "repeats", describe: "runs of each cell, in place of what the suite says" },
  {
    ...load,
    name: "reference-etcd",
    describe:
      "PATH of a pinned etcd: each run is made on it too, in turns, for bench compare and trend",
  },
  {
    ...load,
    name: "dry-run",
    kind: "switch",
    describe: "print the cells and the time that they will take, and measure nothing",
  },
  {
    ...load,
    name: "resume",
    kind: "optional",
    bareValue: "",
    describe: "=DIR: do what is missing of a suite that was begun; by default the latest one",
  },
];

/** Of one result the table is the report, of many the summary. */
const PRINTED: readonly FlagSpec[] = PRINT_FLAGS.map((spec) =>
  spec.name === "output" ? { ...spec, default: "summary" } : spec,
);

const SAVE: FlagSpec = {
  ...output,
  name: "save",
  kind: "optional",
  bareValue: "",
  describe: "=DIR: folder of its own for the results; results/SUITE-TIME by default",
};

export const runSuiteCommand: Command = {
  name: "run",
  summary: "Measure all cells of a suite: a file, or one in the box by its name",
  positionals: "[suite]",
  minPositionals: 0,
  maxPositionals: 1,
  flags: [...TARGET_FLAGS, ...SUITE_FLAGS, ...PRINTED, SAVE, LABEL_FLAG, NO_PROGRESS_FLAG],
  examples: [
    ["run quick --local=3 --dry-run", "the cells of a suite in the box, and how long they take"],
    [
      "run published --local=3 --scale=0.01",
      "the rows of etcd's published tables, with a hundredth of their requests",
    ],
    [
      "run rw-grid --local --scale=0.001 --set conns=10 --set val-size=256 --repeats=1",
      "one connection count and one value size of the grid, in short",
    ],
  ],
  async run(flags, [suite]) {
    const { runSuite } = await import("./run-suite.ts");
    return runSuite(suite ?? null, flags, runSuiteCommand);
  },
};
