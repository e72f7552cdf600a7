/** Owns `bench compact` and `bench defrag`: what they cost a load that goes on meanwhile. */
import { IMPACT_DEFAULTS, type ImpactCommand } from "../../plan/impact.ts";
import type { Command } from "../command.ts";
import { type FlagSpec, workload } from "../flags/flag-spec.ts";
import { mixedCommand } from "./mixed.ts";

const FOREGROUND: FlagSpec = {
  ...workload,
  name: "foreground",
  default: IMPACT_DEFAULTS.foreground,
  describe: "mixed|put: the load that is measured; --mix is that of mixed",
};

export const compactCommand: Command = {
  name: "compact",
  summary: "Measure what compactions cost a load that goes on",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: flagsWith({ "compact-interval": "a sixth of --duration" }),
  examples: [
    ["compact --local", "500 puts and reads a second for half a minute, a compaction every 5 s"],
    [
      "compact --local --foreground=put --rate=1000 --duration=10s --compact-interval=2s --compact-index-delta=0",
      "writes alone, of which a compaction leaves nothing but the newest",
    ],
  ],
  run: runnerOf("compact"),
};

export const defragCommand: Command = {
  name: "defrag",
  summary: "Measure what defragmentation costs a load that goes on",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: flagsWith({ "defrag-at": "a third and two thirds of --duration" }),
  examples: [
    ["defrag --local", "500 puts and reads a second for half a minute, defragmented twice"],
    [
      "defrag --local=3 --duration=10s --defrag-at=3s,6s --compact-interval=2s",
      "all three members, one after another, with compactions that leave them room to give back",
    ],
  ],
  run: runnerOf("defrag"),
};

function flagsWith(own: Partial<Record<string, string>>): FlagSpec[] {
  const defaults: Partial<Record<string, string>> = { ...IMPACT_DEFAULTS, ...own };
  const flags = mixedCommand.flags.map(({ default: shared, ...spec }) => {
    // The run ends by its time, unless a total is given.
    const text = defaults[spec.name] ?? (spec.name === "total" ? undefined : shared);
    return text === undefined ? spec : { ...spec, default: text };
  });
  return [...flags, FOREGROUND];
}

function runnerOf(command: ImpactCommand): Command["run"] {
  return async (flags) => {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command, flags }, flags);
  };
}
