/** Owns `bench mixed`: several operations over one key space, drawn by weight. */
import type { Command } from "./command.ts";
import { MIXED_COMMAND_FLAGS } from "./flags.ts";

export const mixedCommand: Command = {
  name: "mixed",
  summary: "Measure puts, ranges, deletes and transactions of one key space, mixed by --mix",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: MIXED_COMMAND_FLAGS,
  examples: [
    [
      "mixed --local --mix=put=20,range=70,delete=10 --clients=10",
      "of ten operations two puts, seven reads of a key, one delete, in random order",
    ],
    [
      "mixed --local --mix=ycsb-b --consistency=s --key-space-size=10k --val-size=1KiB",
      "19 serializable reads for each put, over 10,000 keys that are put first",
    ],
    [
      "mixed --local --mix=txn-put=1,range=3 --txn-ops=4 --rate=500 --duration=5s",
      "three reads for each transaction of four puts, 500 operations a second",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "mixed", flags }, flags);
  },
};
