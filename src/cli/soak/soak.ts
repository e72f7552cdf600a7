/** Declares `bench soak WORKLOAD`: a load for hours, a row each ten minutes, and whether figures drift. */
import type { Flag } from "../../flags/flag.ts";
import { SEARCH_NAMES, TOTAL_NAMES } from "../../flags/load.ts";
import { workloadCommandNamed } from "../../workloads/catalogue.ts";
import type { Command } from "../command.ts";
import { MEASURING_COMMANDS } from "../measure/measuring-commands.ts";
import { SOAK_FLAGS } from "./soak-flags.ts";

const OWN_FLAGS: readonly Flag[] = Object.values(SOAK_FLAGS);

/** Of a workload, what has no meaning where the time is given and rows are printed. */
const NOT_OF_A_SOAK: ReadonlySet<string> = new Set([
  ...TOTAL_NAMES,
  ...SEARCH_NAMES,
  ...["report-perfdash", "pprof", "precise", "sample", "members"],
]);

export const soakCommand: Command = {
  name: "soak",
  summary: "Offer a load for hours, print a row each ten minutes, and find what drifts",
  positionals: "<workload>",
  minPositionals: 0,
  maxPositionals: 0,
  flags: OWN_FLAGS,
  inner: {
    noun: "workload",
    commands: MEASURING_COMMANDS.filter(({ name }) => !workloadCommandNamed(name).keepsEachRequest),
    with: withWorkload,
  },
  examples: [
    [
      "soak watch --endpoints=127.0.0.1:2379 --streams=10 --watch-per-stream=100 --watched-key-total=100 --put-rate=5 --duration=24h --dry-run",
      "a day of 1,000 watchers and five puts a second; here only what would be measured",
    ],
    [
      "soak put --endpoints=127.0.0.1:2379 --rate=1000 --duration=24h --output=html=soak.html --dry-run",
      "the same of puts, with a page of the figures over the hours",
    ],
    [
      "soak put --endpoints=10.0.0.5:2379 --agents=2 --conns=2 --clients=100 --rate=1000 --duration=24h --dry-run",
      "puts from two agents on other machines (docs/many-machines.md)",
    ],
  ],
  async run() {
    throw new Error("soak runs with a workload after it");
  },
};

function withWorkload(inner: Command): Command {
  const own = new Set(OWN_FLAGS.map(({ name }) => name));
  const shared = inner.flags.filter(({ name }) => !own.has(name) && !NOT_OF_A_SOAK.has(name));
  const isOutput = ({ group }: Flag) => group === "Output:";
  const command: Command = {
    ...soakCommand,
    fullName: `soak ${inner.name}`,
    summary: `${inner.summary}, for hours, with a row each ten minutes, and find what drifts`,
    positionals: inner.positionals,
    minPositionals: inner.minPositionals,
    maxPositionals: inner.maxPositionals,
    flags: [
      ...[...OWN_FLAGS, ...shared].filter((flag) => !isOutput(flag)),
      ...[...OWN_FLAGS, ...shared].filter(isOutput),
    ],
    async run(flags, positionals) {
      const { runSoak } = await import("./run-soak.ts");
      return runSoak(inner.name, command, flags, positionals);
    },
  };
  return command;
}
