/** Owns `bench txn-mixed [key [end]]`: transactions of one range or one put each. */
import type { Command } from "./command.ts";
import { TXN_MIXED_COMMAND_FLAGS } from "./flags.ts";

export const txnMixedCommand: Command = {
  name: "txn-mixed",
  summary: "Measure transactions of one range or one put each, mixed by --rw-ratio",
  positionals: "[key] [end]",
  minPositionals: 0,
  maxPositionals: 2,
  flags: TXN_MIXED_COMMAND_FLAGS,
  examples: [
    [
      "txn-mixed --local --rw-ratio=4 --key-space-size=1000 --limit=10",
      "four ranges of the key space's first ten keys for each put",
    ],
    ["txn-mixed foo --local --consistency=s", "serializable ranges of the key foo, as many puts"],
    ["txn-mixed foo --end-key=fop --local", "the keys from foo up to fop"],
  ],
  async run(flags, [key, end]) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "txn-mixed", flags, key: key ?? null, end: end ?? null }, flags);
  },
};
