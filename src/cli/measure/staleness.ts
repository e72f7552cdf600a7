/** Owns `bench staleness`: how far behind serializable reads of each member are. */
import { STALENESS_DEFAULTS } from "../../plan/workload/staleness-defaults.ts";
import type { Command } from "../command.ts";
import { type FlagSpec, workload } from "../flags/flag-spec.ts";
import { KEY_SPACE_FLAGS, POPULARITY_FLAG } from "../flags/key-space.ts";
import { measuringFlags } from "../flags/measuring.ts";

const OWN_DEFAULTS: Partial<Record<string, string>> = STALENESS_DEFAULTS;

const DESCRIPTIONS: Partial<Record<string, string>> = {
  rate: "puts per second of the whole run; 0: as fast as answers come",
  total: "puts; by default as many as --duration takes",
  "sequential-keys": "keys in order, not at random",
  workers: "1: what was acknowledged is kept account of in one thread",
};

const FLAGS: readonly FlagSpec[] = measuringFlags([
  ...KEY_SPACE_FLAGS,
  POPULARITY_FLAG,
  {
    ...workload,
    name: "read-rate",
    describe:
      "serializable reads per second of each member that --endpoints names, at random moments",
  },
]).map(({ default: shared, ...spec }) => {
  const describe = DESCRIPTIONS[spec.name] ?? spec.describe;
  const text = OWN_DEFAULTS[spec.name] ?? (spec.name === "total" ? undefined : shared);
  return { ...spec, describe, ...(text === undefined ? {} : { default: text }) };
});

export const stalenessCommand: Command = {
  name: "staleness",
  summary: "Measure how far behind each member's serializable reads are while keys are put",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    [
      "staleness --local=3",
      "500 puts a second over all members, each of which is read 200 times a second",
    ],
    [
      "staleness --local=3 --target-leader --rate=2000 --clients=200 --duration=5s",
      "2,000 puts a second through the leader alone, and all three are read",
    ],
    [
      "staleness --local=3 --rate=0 --clients=20 --duration=3s --read-rate=500",
      "puts as fast as they are answered, and 500 reads a second of each member",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "staleness", flags }, flags);
  },
};
