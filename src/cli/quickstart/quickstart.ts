/** Owns `bench quickstart`: from nothing to the two published tables, in one command. */
import type { Command } from "../command.ts";
import { NO_PROGRESS_FLAG, PRINT_FLAGS, SAVE_FLAG } from "../flags/output.ts";
import { ETCD_FLAG } from "../flags/target.ts";

const FLAGS = [ETCD_FLAG, ...PRINT_FLAGS, SAVE_FLAG, NO_PROGRESS_FLAG];

export const quickstartCommand: Command = {
  name: "quickstart",
  summary: "Measure the rows of etcd's published tables on a throwaway cluster of three",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    [
      "quickstart --save",
      "finds or fetches an etcd, measures, keeps the results, and takes all down again",
    ],
  ],
  async run(flags) {
    const { runQuickstart } = await import("./run-quickstart.ts");
    return runQuickstart(flags);
  },
};
