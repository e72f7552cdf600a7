/** The flags by which other machines send the load of a run, and those of `bench agent`. */
import { MAX_DURATION_MS } from "../units.ts";
import { COORDINATION_FLAGS } from "./coordination.ts";
import { count, duration, host, text } from "./vocabulary.ts";

const load = { group: "Load:" } as const;
const ofAgents = { ...load, onlyWith: "agents" } as const;

const MAX_AGENTS = 10_000;

export const AGENT_FLAGS = {
  agents: count({
    ...load,
    name: "agents",
    max: MAX_AGENTS,
    example: "4",
    describe:
      "number of agents that send the load in place of this process, each with --workers; start them with bench agent",
  }),
  ...COORDINATION_FLAGS,
  coordinationHost: host({
    ...ofAgents,
    name: "coordination-host",
    default: "127.0.0.1",
    describe: "with --agents: IP address of this machine that agents connect to",
  }),
  agentsWithinMs: duration({
    ...ofAgents,
    name: "agents-within",
    default: "2m",
    min: 1_000,
    max: MAX_DURATION_MS,
    describe: "with --agents: time for all agents to join",
  }),
  toleratedAgents: count({
    ...ofAgents,
    name: "tolerate-agents",
    default: "0",
    min: 0,
    max: MAX_AGENTS,
    describe: "with --agents: number of agents that may be lost while the run goes on",
  }),
};

export const JOINING_FLAGS = {
  join: text({
    ...load,
    name: "join",
    describe:
      "join FILE that a run with --agents, or bench agents up, has printed, which only its user may read; - is standard input",
  }),
  ...COORDINATION_FLAGS,
  name: text({
    ...load,
    name: "name",
    sectionOnly: true,
    describe: "NAME of this agent in tables",
    shownDefault: "the host's, with a number",
  }),
  workers: count({
    ...load,
    name: "workers",
    max: 1024,
    example: "4",
    shownDefault: "the CPUs that it may use",
    describe: "most threads that this agent runs",
  }),
};
