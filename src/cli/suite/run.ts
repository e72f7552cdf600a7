/** `bench run SUITE`: all cells of a suite, kept one by one, and what they came to. */

import type { Command } from "../command.ts";
import { RUN_FLAGS } from "./run-flags.ts";

export const runSuiteCommand: Command = {
  name: "run",
  summary: "Measure all cells of a suite: a file, or a built-in suite by its name",
  positionals: "[suite]",
  minPositionals: 0,
  maxPositionals: 1,
  flags: Object.values(RUN_FLAGS),
  examples: [
    ["run quick --local=3 --dry-run", "the cells of a built-in suite, and how long they take"],
    [
      "run quick --local --only=writes --scale=0.05",
      "its cells that write, at a twentieth of their time",
    ],
    [
      "run published --local=3 --scale=0.01",
      "the rows of etcd's published tables, with a hundredth of their requests",
    ],
    [
      "run rw-grid --local --scale=0.001 --set conns=10 --set val-size=256 --repeats=1",
      "one connection count and one value size of the grid, at a thousandth of its time",
    ],
  ],
  async run(flags, [suite]) {
    const { runSuite } = await import("./run-suite.ts");
    return runSuite(suite ?? null, flags, runSuiteCommand);
  },
};
