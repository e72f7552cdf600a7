/** Owns `bench delete`: keys that the run has put before, deleted one by one. */
import type { Command } from "../command.ts";
import { workload } from "../flags/flag-spec.ts";
import { keySpaceCommandFlags } from "../flags/key-space.ts";

const FLAGS = keySpaceCommandFlags([
  {
    ...workload,
    name: "key-space-size",
    describe: "keys that are put first and deleted in order; by default as many as requests",
  },
]);

export const deleteCommand: Command = {
  name: "delete",
  summary: "Measure deletes of keys that are put before the clock starts",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    ["delete --local --clients=10", "puts 10,000 keys, and deletes each"],
    [
      "delete --local --total=3000 --key-space-size=1000 --clients=9",
      "of 3,000 deletes 1,000 find a key",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "delete", flags }, flags);
  },
};
