/** The flags of `bench agents`; those of an engine are its own. */
import { AGENT_FLAGS, JOINING_FLAGS } from "../../flags/agents.ts";
import { COORDINATION_FLAGS, GROUP } from "../../flags/coordination.ts";
import { NO_COLOR } from "../../flags/output.ts";
import { ETCD } from "../../flags/target.ts";
import { choice, like, optional, toggle } from "../../flags/vocabulary.ts";

const agents = { group: "Agents:" } as const;

export const DEFAULT_GROUP = "default";

/** Null: the only one that there is. */
const agentGroup = like(GROUP, {
  ...agents,
  describe: "NAME of the agents' group; not needed where there is only one",
});

export const UP_FLAGS = {
  ...COORDINATION_FLAGS,
  agentGroup: like(GROUP, {
    ...agents,
    describe: "NAME of the new group of agents",
    shownDefault: DEFAULT_GROUP,
  }),
  coordinationHost: optional(AGENT_FLAGS.coordinationHost, {
    ...agents,
    describe: "IP address of this machine that agents connect to",
    shownDefault: "its first one that is not loopback",
  }),
  agentsWithinMs: like(AGENT_FLAGS.agentsWithinMs, {
    ...agents,
    describe: "time for all agents to join",
  }),
  workers: like(JOINING_FLAGS.workers, {
    ...agents,
    describe: "most threads that each agent runs",
  }),
  etcd: like(ETCD, { ...agents, describe: "PATH of the etcd that coordinates" }),
};

export const DOWN_FLAGS = {
  agentGroup,
  isForced: toggle({ ...agents, name: "force", describe: "also while a run has the agents" }),
};

export const STATUS_FLAGS = {
  agentGroup,
  output: choice(
    {
      ...agents,
      name: "output",
      short: "o",
      sectionOnly: true,
      default: "table",
      describe: "table or json",
    },
    ["table", "json"],
  ),
  noColor: NO_COLOR,
};

export const LIST_FLAGS = { output: STATUS_FLAGS.output, noColor: NO_COLOR };
