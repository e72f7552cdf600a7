/** Declares `bench config [COMMAND]`: which flags hold, and what gives each of them. */
import type { Command } from "../command.ts";
import { CONFIG_FLAGS } from "./config-flags.ts";

/** @param all every command of bench, this one too */
export const configCommand = (all: () => readonly Command[]): Command => ({
  name: "config",
  summary: "Print the flags that bench.yaml and BENCH_* variables give, and where each comes from",
  positionals: "[command] [workload]",
  minPositionals: 0,
  maxPositionals: 2,
  flags: Object.values(CONFIG_FLAGS),
  examples: [
    ["config", "all that bench.yaml and variables say, the form of each value checked"],
    ["config put", "the value of each flag of put: of the file, of a variable, or by default"],
    ["config ab put -o json", "those of a workload in two arms, as data"],
  ],
  async run(flags, words) {
    const { showConfig } = await import("./show-config.ts");
    return showConfig(words, flags, all());
  },
});
