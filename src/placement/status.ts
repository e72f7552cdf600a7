/** Shows placed agents: what the coordination etcd knows of each, and what its engine knows. */
import { existsSync } from "node:fs";
import type { Member } from "../agents/roster.ts";
import { BenchError } from "../errors.ts";
import type { EngineContext, PlacedAgent, SeenAgent } from "./engine.ts";
import type { Placement } from "./placement.ts";
import { joinPathOf } from "./record.ts";

export interface AgentRow extends PlacedAgent {
  /** What the engine sees; null: it was not placed, and has joined by itself. */
  seen: Omit<SeenAgent, "name"> | null;
  /** Null: it is not in the group. */
  member: Omit<SeenMember, "name"> | null;
}

export interface SeenMember extends Omit<Member, "lease"> {
  /** Seconds until its lease ends unless it renews it; null: it has just ended. */
  leaseLeftSeconds: number | null;
}

export interface PlacementStatus {
  name: string;
  engine: string;
  createdAt: string;
  isReady: boolean;
  joinPath: string;
  /** Why the coordination etcd does not answer; null: it does. */
  coordinationFault: string | null;
  agents: AgentRow[];
}

const ELSEWHERE = "elsewhere";

export async function statusOf(
  placement: Placement,
  context: Omit<EngineContext, "folder">,
): Promise<PlacementStatus> {
  const { record, actions, folder } = placement;
  const { name, engine, createdAt, isReady, plan } = record;
  const [{ members, fault }, seen] = await Promise.all([
    membersOf(placement),
    plan === null ? [] : placement.look(context),
  ]);
  const placed = (plan === null ? [] : actions.agents(plan)).map((agent) => {
    const found = seen.find((each) => each.name === agent.name);
    return {
      ...{ name: agent.name, where: found?.where ?? agent.where, seen: withoutName(found) },
      member: withoutName(members.find((each) => each.name === agent.name)),
    };
  });
  const others = members
    .filter((member) => placed.every((agent) => agent.name !== member.name))
    .map((member) => ({
      ...{ name: member.name, where: ELSEWHERE, seen: null },
      member: withoutName(member),
    }));
  return {
    ...{ name, engine, createdAt, isReady, coordinationFault: fault },
    joinPath: joinPathOf(folder),
    agents: [...placed, ...others],
  };
}

async function membersOf(
  placement: Placement,
): Promise<{ members: SeenMember[]; fault: string | null }> {
  if (!existsSync(joinPathOf(placement.folder))) {
    return { members: [], fault: "there is no join file: the start was interrupted" };
  }
  try {
    const roster = await placement.roster();
    try {
      const members = await Promise.all(
        (await roster.members()).map(async ({ lease, ...member }) => {
          return { ...member, leaseLeftSeconds: await roster.leaseLeft(lease) };
        }),
      );
      return { members, fault: null };
    } finally {
      roster.close();
    }
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return { members: [], fault: error.message };
  }
}

function withoutName<Named extends { name: string }>(
  named: Named | undefined,
): Omit<Named, "name"> | null {
  if (named === undefined) return null;
  const { name: _, ...rest } = named;
  return rest;
}
