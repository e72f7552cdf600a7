/** Declares `bench agent`: sends a share of the load of runs with --agents. */
import { JOINING_FLAGS } from "../../flags/agents.ts";
import type { Command } from "../command.ts";

export const agentCommand: Command = {
  name: "agent",
  summary: "Join the agents that send the load of runs with --agents",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: Object.values(JOINING_FLAGS),
  examples: [
    ["agent --join join.json", "send a share of each run of the group of that file"],
    ["agent --join join.json --workers=2", "the same, with two threads at most"],
    [
      "agent --coordination=https://coord:2379 --coordination-secret-file=secret",
      "by the URL of an etcd of your own",
    ],
  ],
  async run(flags) {
    const { runAgent } = await import("./run-agent.ts");
    return runAgent(flags);
  },
};
