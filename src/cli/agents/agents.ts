/** Declares `bench agents`: agents that are started on other machines, shown and ended. */
import type { Flag } from "../../flags/flag.ts";
import { ENGINES } from "../../placement/catalogue.ts";
import type { Command } from "../command.ts";
import { commandGroup } from "../command-group.ts";
import { DOWN_FLAGS, LIST_FLAGS, STATUS_FLAGS, UP_FLAGS } from "./agents-flags.ts";

/** Several engines may have a flag of one name. */
const UP_AND_ENGINES: readonly Flag[] = [
  ...new Set([UP_FLAGS, ...ENGINES.map(({ flags }) => flags)].flatMap(Object.values<Flag>)),
];

const COMMANDS: readonly Command[] = [
  command(UP_AND_ENGINES, {
    name: "up",
    summary: "Start agents on other machines, which serve run after run until bench agents down",
    positionals: "[group]",
    examples: [
      ["agents up --ssh=host1,host2", "an agent on each host, and a coordination etcd here"],
      [
        "agents up --slurm --nodes=4 --workers=8",
        "a job of Slurm with an agent on each of 4 nodes",
      ],
      ["agents up load --ssh=me@host1:2222 --coordination=join.json", "on an etcd that runs"],
      ["agents up --kubernetes --apply --image=etcd-bench:0.1.0 --replicas=3", "three pods"],
      ["agents up --kubernetes -o yaml --image=etcd-bench:0.1.0", "print what would be created"],
    ],
    run: async (flags, [name]) => (await import("./run-up.ts")).runUp(flags, name),
  }),
  command(Object.values(STATUS_FLAGS), {
    name: "status",
    summary: "Show the agents: whether they run and have joined, their versions, what has them",
    positionals: "[group]",
    examples: [
      [
        "agents status",
        "exit code 0: all run and have joined; 1: some do not; 3: it cannot be seen",
      ],
      ["agents status -o json", "for scripts, with the ends of their logs"],
    ],
    run: async (flags, [name]) => (await import("./show-agents.ts")).showStatus(flags, name),
  }),
  command(Object.values(DOWN_FLAGS), {
    name: "down",
    summary: "End the agents, remove what was copied to their machines, end the coordination etcd",
    positionals: "[group]",
    examples: [["agents down", "ends the only group that there is"]],
    run: async (flags, [name]) => (await import("./run-down.ts")).runDown(flags, name),
  }),
  command(Object.values(LIST_FLAGS), {
    name: "list",
    summary: "List the groups of agents that are up",
    positionals: "",
    maxPositionals: 0,
    examples: [["agents list", "a line for each group"]],
    run: async (flags) => (await import("./show-agents.ts")).listAgents(flags),
  }),
];

export const agentsCommand = commandGroup(
  {
    name: "agents",
    summary: "Start agents on other machines, show them and end them",
    examples: [
      ["agents up --ssh=host1,host2", "two agents, which stay"],
      ["agents status", "whether they run, and have joined"],
      ["agents down", "end and remove them"],
    ],
  },
  COMMANDS,
);

function command(
  flags: readonly Flag[],
  words: Pick<Command, "name" | "summary" | "positionals" | "examples" | "run"> & {
    maxPositionals?: number;
  },
): Command {
  return { minPositionals: 0, maxPositionals: 1, ...words, flags };
}
