/** `bench quickstart`: from nothing to the two published tables, in one command. */

import type { Command } from "../command.ts";
import { QUICKSTART_FLAGS } from "./quickstart-flags.ts";

export const quickstartCommand: Command = {
  name: "quickstart",
  summary: "Measure the rows of etcd's published tables on a temporary cluster of three members",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: Object.values(QUICKSTART_FLAGS),
  examples: [
    [
      "quickstart --save",
      "finds or downloads an etcd, measures, saves the results, and removes the cluster",
    ],
  ],
  async run(flags) {
    const { runQuickstart } = await import("./run-quickstart.ts");
    return runQuickstart(flags);
  },
};
