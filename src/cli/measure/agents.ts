/** Has agents send the load of a measuring command: its flags, the coordination etcd, and who joined. */
import { join } from "node:path";
import { flagError } from "../../errors.ts";
import { AGENT_FLAGS } from "../../flags/agents.ts";
import { type Flag, type GivenFlags, isGiven, type Read, readFlags } from "../../flags/flag.ts";
import { ETCD } from "../../flags/target.ts";
import type { RunPlan } from "../../plan/schema.ts";
import type { PoolOpener } from "../../run/load-pool.ts";
import type { Command } from "../command.ts";
import type { Target } from "./target.ts";

/** The agents that have joined. */
export interface OpenAgents {
  openPool: PoolOpener;
  close(): Promise<void>;
}

const LOCAL_GROUP = "local";

/** The command, with the flags of agents. */
export function withAgents(command: Command): Command {
  return { ...command, flags: [...command.flags, ...Object.values(AGENT_FLAGS)] };
}

/** The plan, with the agents that the flags ask for. @throws BenchError (usage) */
export function planWithAgents(plan: RunPlan, given: GivenFlags): RunPlan {
  const { agents, toleratedAgents } = readFlags(AGENT_FLAGS, given);
  if (agents === null) {
    const others = Object.values(AGENT_FLAGS).filter((flag: Flag) => isGiven(given, flag));
    if (others.length === 0) return plan;
    const { name } = others[0]!;
    throw flagError(name, `--${name} has no meaning without --agents; give both, or neither`);
  }
  if (toleratedAgents >= agents) {
    throw flagError(
      "tolerate-agents",
      `--tolerate-agents=${toleratedAgents}: at least one of the ${agents} agents has to stay; give fewer`,
    );
  }
  const { workers, connections, clients } = plan.load;
  const all = agents * workers;
  if (all > Math.min(connections, clients)) {
    throw flagError(
      "agents",
      `--agents=${agents} --workers=${workers} needs a connection and a client for each of ${all} workers; ` +
        `give at least --conns=${all} --clients=${all}, or fewer agents`,
    );
  }
  return { ...plan, load: { ...plan.load, agents } };
}

/**
 * Null: this process sends the load itself.
 * @throws BenchError where no coordination etcd can be had, or the agents do not come
 */
export async function openAgents(
  plan: RunPlan,
  given: GivenFlags,
  target: Target,
  say: (line: string) => void,
): Promise<OpenAgents | null> {
  const { agents } = plan.load;
  if (agents === undefined) return null;
  const flags = readFlags(AGENT_FLAGS, given);
  const { AgentSession } = await import("../../agents/agent-session.ts");
  const coordination = await coordinationOf(flags, given, say);
  try {
    const session = await AgentSession.open(
      {
        ...{ join: coordination.join, agents, workers: plan.load.workers, say },
        ...{ tolerated: flags.toleratedAgents, withinMs: flags.agentsWithinMs },
        isThrowaway: coordination.isThrowaway,
      },
      await otherCluster(plan, target),
    );
    return {
      openPool: (options) => session.openPool(options),
      async close() {
        await session.end();
        await coordination.stop();
      },
    };
  } catch (error) {
    await coordination.stop();
    throw error;
  }
}

/** The one that the flags name, or a throwaway one with a join file in its folder. */
async function coordinationOf(
  { coordination, coordinationHost: host }: Read<typeof AGENT_FLAGS>,
  given: GivenFlags,
  say: (line: string) => void,
) {
  const { JOIN_FILE_VERSION, newGroupSecret, readJoinFile, writeJoinFile } = await import(
    "../../agents/join-file.ts"
  );
  if (coordination !== null) {
    return {
      ...{ join: readJoinFile("--coordination", coordination), isThrowaway: false },
      async stop() {},
    };
  }
  const { findEtcd } = await import("../../etcd/etcd-binary/find.ts");
  const { startLocalCluster } = await import("../../etcd/local-cluster.ts");
  const binary = await findEtcd({ explicitPath: ETCD.read(given) ?? undefined, say });
  const security = { tls: true, auth: "simple", host } as const;
  const cluster = await startLocalCluster({ binary, members: 1, security, host });
  const { tls, credentials } = cluster.access;
  const joinFile = {
    ...({ version: JOIN_FILE_VERSION, group: LOCAL_GROUP, secret: newGroupSecret() } as const),
    endpoints: [...cluster.endpoints],
    tls: tls === null ? null : { ca: tls.ca, cert: tls.cert, key: tls.key, serverName: null },
    user: credentials === null ? null : { name: credentials.user, password: credentials.password },
  };
  const path = join(cluster.folder, "join.json");
  writeJoinFile(path, joinFile);
  say(`agents: start each one with: bench agent --join ${path}`);
  return { join: joinFile, isThrowaway: true, stop: () => cluster.down() };
}

/** Checks that the coordination etcd is not the etcd under test, which it would disturb and die with. */
async function otherCluster(plan: RunPlan, target: Target) {
  const { ControlClient } = await import("../../etcd/control-client.ts");
  const { openAccess } = await import("../../etcd/token-source.ts");
  const { endpoints } = plan.target;
  const access = openAccess(endpoints, target.access);
  const client = new ControlClient(endpoints, { access });
  try {
    const { clusterId } = await client.memberList();
    return (coordinationId: string | null) => {
      if (clusterId === null || clusterId !== coordinationId) return;
      throw flagError(
        "coordination",
        `--coordination: it is the etcd under test (cluster ${clusterId}), which messages of agents would disturb; ` +
          "use another etcd, or leave --coordination out",
      );
    };
  } finally {
    client.close();
    access.tokens?.close();
  }
}
