/** Owns `bench election`: elections in which clients campaign, lead and resign. */
import type { Command } from "../command.ts";
import { contentionFlags } from "../flags/contention.ts";
import { def, workload } from "../flags/flag-spec.ts";

const FLAGS = contentionFlags("bench-election/", [
  {
    ...workload,
    ...def("elections"),
    describe: "elections; client k campaigns in election k mod their number",
  },
  { ...workload, ...def("proclaims"), describe: "proclamations by each leader" },
]);

export const electionCommand: Command = {
  name: "election",
  summary: "Measure elections: campaign, hand-over, resign, what observers see, fairness",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    ["election --local --clients=5 --total=1000", "5 clients campaign in one election"],
    [
      "election --local --clients=20 --conns=4 --elections=4 --proclaims=2 --hold=10ms --duration=5s",
      "4 elections of 5 clients; leaders proclaim twice and stay for 10 ms more",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "election", flags }, flags);
  },
};
