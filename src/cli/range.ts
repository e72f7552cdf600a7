/** Owns `bench range [key [end]]`: reads of a key or a range of keys. */
import type { Command } from "./command.ts";
import { RANGE_COMMAND_FLAGS } from "./flags.ts";

export const rangeCommand: Command = {
  name: "range",
  summary: "Measure reads of a key, or of the keys from KEY up to END",
  positionals: "[key] [end]",
  minPositionals: 0,
  maxPositionals: 2,
  flags: RANGE_COMMAND_FLAGS,
  examples: [
    ["range --local --consistency=l,s", "puts one key, and reads it in both ways"],
    ["range foo --conns=100 --clients=1000 --total=100k", "linearizable reads of the key foo"],
    ["range --duration=10s -- -a -z", "the keys from -a up to -z: they start with a dash"],
  ],
  async run(flags, [key, end]) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "range", flags, key: key ?? null, end: end ?? null }, flags);
  },
};
