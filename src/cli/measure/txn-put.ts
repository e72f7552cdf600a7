/** Owns `bench txn-put`: transactions of puts. */
import type { Command } from "../command.ts";
import { keySpaceCommandFlags, TXN_OPS_FLAG } from "../flags/key-space.ts";

const FLAGS = keySpaceCommandFlags([TXN_OPS_FLAG]);

export const txnPutCommand: Command = {
  name: "txn-put",
  summary: "Measure transactions of puts, under keys in order",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    ["txn-put --local --clients=10", "10,000 transactions of one put by ten clients"],
    [
      "txn-put --local --txn-ops=16 --key-space-size=10k --total=500 --clients=10",
      "500 transactions of 16 puts each over 10,000 keys",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "txn-put", flags }, flags);
  },
};
