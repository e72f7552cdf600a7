/** Declares `bench ab WORKLOAD`: two targets, or two ways to load one, measured in turns. */

import { AGENT_FLAGS } from "../../flags/agents.ts";
import type { Flag } from "../../flags/flag.ts";
import { PAIR_FLAGS } from "../../flags/pairs.ts";
import { workloadCommandNamed } from "../../workloads/catalogue.ts";
import type { Command } from "../command.ts";
import { MEASURING_COMMANDS } from "../measure/measuring-commands.ts";
import { AB_FLAGS } from "./ab-flags.ts";

const OWN_FLAGS: readonly Flag[] = Object.values(AB_FLAGS);

/** Flags of a workload that have no meaning for one run of many. */
const NOT_OF_A_PAIR = /^(find-.*|threshold|report-perfdash|pprof|precise|sample|members)$/;

export const abCommand: Command = {
  name: "ab",
  summary: "Measure a workload in two arms in turns (ABBA), and judge the pairs",
  positionals: "<workload>",
  minPositionals: 0,
  maxPositionals: 0,
  flags: OWN_FLAGS,
  inner: { noun: "workload", commands: MEASURING_COMMANDS, with: withWorkload },
  examples: [
    [
      "ab put --local --pairs=3 --total=500 --b-args='--snapshot-count=1000'",
      "a new etcd for each run, with one more flag in arm b; three pairs are quick and show little",
    ],
    [
      "ab mixed --local --pairs=2 --total=300 --a-flags='--conns=1' --b-flags='--conns=4' --clients=4",
      "two ways to load the same etcd",
    ],
    [
      "ab range --local --canary --pairs=2 --total=500 --consistency=s --noise=3%",
      "arm a against itself: the noise of this machine",
    ],
    [
      "ab put --local --agents=2 --conns=2 --clients=10 --b-args='--snapshot-count=1000' --dry-run",
      "both arms from the same two agents (docs/many-machines.md); here only what would be measured",
    ],
  ],
  async run() {
    throw new Error("ab runs with a workload after it");
  },
};

function withWorkload(inner: Command): Command {
  const own = new Set(OWN_FLAGS.map(({ name }) => name));
  const shared = inner.flags
    .filter(({ name }) => !own.has(name) && !NOT_OF_A_PAIR.test(name))
    .map((spec) =>
      spec.name === "warmup" && workloadCommandNamed(inner.name).isWarmed
        ? { ...spec, shownDefault: "a tenth of the run" }
        : spec,
    );
  const isOutput = ({ group }: Flag) => group === "Output:";
  const command: Command = {
    ...abCommand,
    fullName: `ab ${inner.name}`,
    summary: `${inner.summary}, in two arms in turns (ABBA), and judge the pairs`,
    positionals: inner.positionals,
    minPositionals: inner.minPositionals,
    maxPositionals: inner.maxPositionals,
    flags: [
      ...Object.values({ ...PAIR_FLAGS, ...AGENT_FLAGS }),
      ...shared.filter((spec) => !isOutput(spec)),
      ...[...OWN_FLAGS, ...shared].filter(isOutput),
    ],
    async run(flags, positionals) {
      const { runAb } = await import("./run-ab.ts");
      return runAb(inner.name, command, flags, positionals);
    },
  };
  return command;
}
