/** Declares `bench failover`: what an outage costs, over trials. */
import type { Flag } from "../../flags/flag.ts";
import type { Command } from "../command.ts";
import { FAILOVER_FLAGS, SHARED_FLAGS } from "./failover-flags.ts";

const own: readonly Flag[] = Object.values(FAILOVER_FLAGS);

export const failoverCommand: Command = {
  name: "failover",
  summary: "Measure what an outage costs: trials of a fault at random phases, and controls",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: [
    ...own.filter(({ group }) => group === "Trials:"),
    ...SHARED_FLAGS,
    ...own.filter(({ group }) => group !== "Trials:"),
  ],
  examples: [
    [
      "failover --local=3 --event='for=1s kill leader' --trials=1 --controls=0 --before=1s --after=2s",
      "one short trial: when was the next leader elected, and was a write lost?",
    ],
    [
      "failover --local=3 --event='kill leader' --trials=9 --threshold='unavailable<3s' --threshold='lost-writes==0' --dry-run",
      "nine trials and three controls, judged; here only what would be measured",
    ],
  ],
  async run(flags) {
    const { runFailover } = await import("./run-failover.ts");
    return runFailover(flags, failoverCommand);
  },
};
