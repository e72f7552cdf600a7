/** Owns `bench watch-get`: gets while watchers catch up with a history. */
import { WATCH_GET_DEFAULTS } from "../../plan/workload/watch-defaults.ts";
import type { Command } from "../command.ts";
import { def, type FlagSpec, workload } from "../flags/flag-spec.ts";
import { CLEANUP_FLAG, ONE_CONSISTENCY_FLAG, SIZE_FLAGS } from "../flags/key-space.ts";
import { writingFlags } from "../flags/measuring.ts";

const own = (name: "watchers" | "streams" | "events", describe: string): FlagSpec => ({
  ...workload,
  name,
  default: WATCH_GET_DEFAULTS[name],
  describe,
});

const FLAGS: readonly FlagSpec[] = writingFlags([
  own("watchers", "watchers that catch up, all on one key"),
  own(
    "streams",
    "watch streams, over as many connections as --conns, apart from those of the gets",
  ),
  own("events", "puts of the key before the watchers start: what each of them is to hear of"),
  {
    ...ONE_CONSISTENCY_FLAG,
    default: WATCH_GET_DEFAULTS.consistency,
    describe: "l|s (linearizable, serializable), of the gets",
  },
  ...SIZE_FLAGS,
  { ...workload, ...def("prefix"), isText: true, describe: "of the key" },
  CLEANUP_FLAG,
]).map((spec) => {
  if (spec.name !== "total") return spec;
  const { default: _, ...rest } = spec;
  return { ...rest, describe: "gets; by default they go on until all watchers have caught up" };
});

export const watchGetCommand: Command = {
  name: "watch-get",
  summary: "Measure gets while watchers catch up with a history, and how soon they have",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    ["watch-get --local", "gets one at a time, while 10,000 watchers hear of 8 events each"],
    [
      "watch-get --local --watchers=1k --streams=10 --conns=2 --events=100 --clients=50 --rate=500",
      "500 gets a second, and 100,000 events over 10 streams on two connections",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "watch-get", flags }, flags);
  },
};
