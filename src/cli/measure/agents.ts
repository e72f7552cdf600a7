/** Has agents send the load of a measuring command: its flags, the coordination etcd, and who joined. */
import { join } from "node:path";
import type { Access } from "../../access/access.ts";
import { isReadOnce } from "../../access/named-pipe.ts";
import { flagError } from "../../errors.ts";
import { AGENT_FLAGS } from "../../flags/agents.ts";
import { type Flag, type GivenFlags, isGiven, type Read, readFlags } from "../../flags/flag.ts";
import { ETCD } from "../../flags/target.ts";
import { checkCoordinationHost } from "../../placement/own-host.ts";
import type { RunPlan } from "../../plan/schema.ts";
import type { Workforce } from "../../run/load-pool.ts";
import { shellLine } from "../../shell-words.ts";
import { formatNoun } from "../../text/noun.ts";
import { workloadNamed } from "../../workloads/catalogue.ts";
import type { Command } from "../command.ts";
import type { Interrupts } from "../interrupts.ts";

/** An etcd under test that was named, not started. */
export interface NamedTarget {
  endpoints: readonly string[];
  access: Access;
}

export interface AgentsAsked {
  given: GivenFlags;
  /** Of all that the command runs. */
  plans: readonly RunPlan[];
  /** None of them may be the coordination etcd. */
  targets(): Promise<readonly NamedTarget[]>;
  say: (line: string) => void;
  interrupts: Interrupts;
}

/** A host, or `host:port`. */
const LOOPBACK = /^(localhost|127\.[\d.]+|\[?::1\]?)(:\d+)?$/;

const LOCAL_GROUP = "local";

/** The command, with the flags of agents. */
export function withAgents(command: Command): Command {
  return { ...command, flags: [...command.flags, ...Object.values(AGENT_FLAGS)] };
}

/** The plan, with the agents that the flags ask for. @throws BenchError (usage) */
export function planWithAgents(plan: RunPlan, given: GivenFlags): RunPlan {
  const flags = readFlags(AGENT_FLAGS, given);
  const { agents, toleratedAgents, coordination, agentGroup, coordinationHost } = flags;
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
  if (coordination === null && agentGroup !== null) {
    throw flagError(
      "group",
      "--group has no meaning without --coordination; give both, or neither",
    );
  }
  refuseUnreachable(plan, coordinationHost);
  const { workers, connections, clients } = plan.load;
  const reason = workloadNamed(plan.workload.kind).againstAgents(plan.workload, {
    agents,
    connections,
  });
  if (reason !== null) {
    throw flagError(
      "agents",
      `--agents=${agents}: ${plan.workload.kind} cannot be dealt to ${formatNoun(agents, "agent")}: ${reason}`,
    );
  }
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
 * Reads what names the coordination etcd, or looks for the etcd that it is started from, and starts nothing:
 * before the etcd under test is. A pipe is read once, when the agents are gathered.
 * @throws BenchError (usage) that names the flag or the file
 */
export async function checkCoordination(given: GivenFlags): Promise<void> {
  const flags = readFlags(AGENT_FLAGS, given);
  if (flags.agents === null) return;
  const { filesOf, joinFileOf } = await import("../../agents/named-coordination.ts");
  if (filesOf(flags).some((file) => file !== null && isReadOnce(file))) return;
  if (joinFileOf(flags) !== null) return;
  checkCoordinationHost(flags.coordinationHost);
  const etcd = ETCD.read(given);
  if (etcd === null) return;
  const { findEtcd } = await import("../../etcd/etcd-binary/find.ts");
  await findEtcd({ explicitPath: etcd, fetch: false });
}

/** Agents that need an address of this machine are elsewhere, and reach nothing at its 127.0.0.1. */
function refuseUnreachable(plan: RunPlan, coordinationHost: string): void {
  const etcd = etcdHere(plan);
  if (etcd === null || LOOPBACK.test(coordinationHost)) return;
  throw flagError(
    "coordination-host",
    `--coordination-host=${coordinationHost}: agents on other machines cannot reach ${etcd}; give --endpoints that they reach, ` +
      "or leave --coordination-host out and start all agents here",
  );
}

/** The etcd under test that this machine alone reaches; null: others may reach it. */
function etcdHere({ target }: RunPlan): string | null {
  if (target.local !== null) return "an etcd of --local";
  const isHere = target.endpoints.every((each) => LOOPBACK.test(each));
  return isHere ? target.endpoints.join(", ") : null;
}

/** The same where all agents may be here, though their coordination etcd has another address. */
function warnOfUnreachable(
  plans: readonly RunPlan[],
  coordination: readonly string[],
  say: (line: string) => void,
): void {
  if (coordination.some((each) => LOOPBACK.test(each))) return;
  const here = new Set(plans.flatMap((plan) => etcdHere(plan) ?? []));
  for (const etcd of here) {
    say(
      `note: agents on other machines cannot reach ${etcd}; give --endpoints that they reach, unless all agents run here`,
    );
  }
}

/** The words of a command line that makes such a plan, of one that plans without agents. */
export function wordsWithAgents(
  [command, ...rest]: readonly string[],
  { load }: RunPlan,
): string[] {
  return [command!, ...(load.agents === undefined ? [] : [`--agents=${load.agents}`]), ...rest];
}

/**
 * Measures with the agents that the flags ask for, who join once for all of it and are then let go.
 * @param measure gets nothing where this process sends the load itself
 * @throws BenchError where no coordination etcd can be had, or the agents do not come
 */
export async function usingAgents<Measured>(
  { given, plans, targets, say, interrupts }: AgentsAsked,
  measure: (workers: { workforce?: Workforce }) => Promise<Measured>,
): Promise<Measured> {
  const flags = readFlags(AGENT_FLAGS, given);
  const { agents } = flags;
  if (agents === null) return measure({});
  const { AgentSession } = await import("../../agents/agent-session.ts");
  const check = await otherClusters(await targets());
  const coordination = await coordinationOf(flags, given, say);
  if (!coordination.isThrowaway) warnOfUnreachable(plans, coordination.join.endpoints, say);
  // A process that is gone would hold the group until its lease ends.
  interrupts.runBegins("letting the agents go");
  try {
    const session = await AgentSession.gather(
      {
        ...{ join: coordination.join, agents, say },
        workers: Math.max(...plans.map(({ load }) => load.workers)),
        ...{ tolerated: flags.toleratedAgents, withinMs: flags.agentsWithinMs },
        ...{ stop: interrupts.signal, isThrowaway: coordination.isThrowaway },
      },
      check,
    );
    try {
      return await measure({ workforce: session });
    } finally {
      await session.end();
    }
  } finally {
    await coordination.stop();
  }
}

/** The one that the flags name, or a throwaway one with a join file in its folder. */
async function coordinationOf(
  flags: Read<typeof AGENT_FLAGS>,
  given: GivenFlags,
  say: (line: string) => void,
) {
  const { joinFileWithPipes } = await import("../../agents/named-coordination.ts");
  const named = await joinFileWithPipes(flags, say);
  if (named !== null) return { ...{ join: named, isThrowaway: false }, async stop() {} };
  const { coordinationHost: host } = flags;
  const { newJoinFile, writeJoinFile } = await import("../../agents/join-file.ts");
  const { findEtcd } = await import("../../etcd/etcd-binary/find.ts");
  const { withoutFsync } = await import("../../etcd/etcd-binary/version.ts");
  const { startLocalCluster } = await import("../../etcd/local-cluster.ts");
  const binary = await findEtcd({
    explicitPath: ETCD.read(given) ?? undefined,
    // With --local there is one under test, too.
    say: (line) => say(`coordination ${line}`),
  });
  const cluster = await startLocalCluster({
    what: "the coordination etcd",
    ...{ binary, members: 1, host, security: { tls: true, auth: "simple", host } },
    // Messages need not outlast the machine; the disk may be that of the etcd under test.
    extraArgs: withoutFsync(binary.version),
  });
  const joinFile = newJoinFile(LOCAL_GROUP, cluster);
  const path = join(cluster.folder, "join.json");
  writeJoinFile(path, joinFile);
  say(`agents: start each one with: ${shellLine(["bench", "agent", "--join", path])}`);
  return { join: joinFile, isThrowaway: true, stop: () => cluster.down() };
}

/**
 * Gives a check that the coordination etcd is no etcd under test, which it would disturb and die with.
 * @throws BenchError where one of them does not answer, or does not let this user in
 */
async function otherClusters(targets: readonly NamedTarget[]) {
  const ids = new Set<string | null>();
  for (const target of targets) ids.add(await clusterIdOf(target));
  return (coordinationId: string | null) => {
    if (coordinationId === null || !ids.has(coordinationId)) return;
    throw flagError(
      "coordination",
      `--coordination: it is the etcd under test (cluster ${coordinationId}), which messages of agents would disturb; ` +
        "use another etcd, or leave --coordination out",
    );
  };
}

async function clusterIdOf({ endpoints, access: material }: NamedTarget): Promise<string | null> {
  const { ControlClient, ControlError } = await import("../../etcd/control-client.ts");
  const { openAccess } = await import("../../etcd/token-source.ts");
  const access = openAccess(endpoints, material);
  const client = new ControlClient(endpoints, { access });
  try {
    return (await client.memberList()).clusterId;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const { controlFault } = await import("../../etcd/control-fault.ts");
    throw await controlFault("no agents are waited for", error, { client, tls: access.tls });
  } finally {
    client.close();
    access.tokens?.close();
  }
}
