/** Owns `bench stm`: software transactions, which begin again on a conflict. */
import type { Command } from "./command.ts";
import { STM_COMMAND_FLAGS } from "./flags.ts";

export const stmCommand: Command = {
  name: "stm",
  summary: "Measure software transactions with retries, or under a lock",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: STM_COMMAND_FLAGS,
  examples: [
    ["stm --local --total=2000 --clients=10 --keys=4", "10 clients contend for 4 keys"],
    ["stm --local --total=500 --clients=5 --stm-locker=lock-client", "under one lock of all"],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "stm", flags }, flags);
  },
};
