/**
 * Which member an event is done to: one by its name, or the leader, a follower or any member at the
 * time of the event.
 */
import { setTimeout as delay } from "node:timers/promises";
import { usageError } from "../errors.ts";
import { randomBelow } from "../random.ts";
import type {
  AskedStatus,
  EventContext,
  EventKind,
  EventSite,
  EventTarget,
  OwnCluster,
  OwnMember,
} from "./definition.ts";
import { type OwnContext, ownContext, type TimedAction, type TimedEvent } from "./timed-event.ts";

export const MEMBER_USAGE = "NAME|leader|follower|random";

const ROLES = ["leader", "follower", "random"] as const;
type Role = (typeof ROLES)[number];

const ASK_MS = 2_000;
/** Once most have answered, a member that is frozen must not keep the event waiting for long. */
const STRAGGLERS_MS = 300;
/** An election takes a second or two. */
const LEADER_WITHIN_MS = 10_000;
const RETRY_MS = 50;

/** The name of a member, or a role that is looked for at the time of the event. */
export type MemberChoice = string;

export function isMemberChoice(word: string | undefined): word is MemberChoice {
  return word !== undefined && /^[^\s,|=]+$/.test(word);
}

/** What a choice names and claims; a role names no member. */
export function namesOf(choice: MemberChoice): string[] {
  return roleOf(choice) === null ? [choice] : [];
}

export function claimsOf(choice: MemberChoice, what: string): string[] {
  return namesOf(choice).map((name) => `${what} of ${name}`);
}

/** @throws BenchError (usage) where the cluster has no member of the role */
export function checkChoice(choice: MemberChoice, { members, cluster }: EventSite): void {
  const count = cluster?.members.length ?? members.length;
  if (choice === "follower" && count < 2) {
    throw usageError("a cluster of one member has no follower; use --local=3");
  }
}

interface Candidate {
  readonly name: string;
  readonly endpoint: string;
}

/** A member as it answered. */
interface Answer {
  readonly name: string;
  readonly endpoint: string;
  readonly status: AskedStatus;
}

export interface Leadership {
  readonly leader: Answer;
  readonly followers: readonly Answer[];
}

/** @throws BenchError where no member is the one that is meant */
export async function chosenMember(
  choice: MemberChoice,
  context: EventContext,
): Promise<Candidate> {
  const role = roleOf(choice);
  if (role === null) {
    const named = candidates(context).find(({ name }) => name === choice);
    if (named !== undefined) return named;
    const isKnown = context.cluster?.members.some(({ name }) => name === choice) ?? false;
    throw usageError(`${choice} ${isKnown ? "does not run" : "is no member of the cluster"}`);
  }
  const { leader, followers } = await askLeadership(context);
  if (role === "leader") return leader;
  const all = role === "random" ? [leader, ...followers] : followers;
  const sorted = all.toSorted((a, b) => a.name.localeCompare(b.name, "en"));
  const chosen = sorted[randomBelow(context.random, sorted.length)];
  if (chosen === undefined) throw usageError("no follower answered");
  return chosen;
}

/** Asks every member that runs, and again while an election goes on. @throws BenchError */
export async function askLeadership(context: EventContext): Promise<Leadership> {
  const deadlineMs = performance.now() + LEADER_WITHIN_MS;
  for (;;) {
    const found = leadershipIn(await ask(context));
    if (found !== null) return found;
    if (context.isOver() || performance.now() >= deadlineMs) {
      throw usageError(`no member answered as the leader within ${LEADER_WITHIN_MS / 1000} s`);
    }
    await delay(RETRY_MS);
  }
}

/** The answers that come in time: of all, or of most and of those not much later. */
async function ask(context: EventContext): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const asked = candidates(context);
  await new Promise<void>((resolve) => {
    let open = asked.length;
    const all = asked.map(async ({ name, endpoint }) => {
      try {
        const status = await context.client.status(endpoint, { timeoutMs: ASK_MS });
        answers.push({ name, endpoint, status });
      } catch {
        // A member that does not answer is no choice.
      }
      open -= 1;
      const hasMost = answers.length * 2 > asked.length;
      if (open > 0 && hasMost) await delay(STRAGGLERS_MS);
      if (open === 0 || hasMost) resolve();
    });
    if (all.length === 0) resolve();
  });
  return [...answers];
}

/** Null where the newest term has no leader that answered. */
function leadershipIn(answers: readonly Answer[]): Leadership | null {
  const term = Math.max(...answers.map(({ status }) => status.raftTerm));
  const named = answers.find(({ status }) => status.raftTerm === term && status.leaderId !== null);
  const leader = answers.find(
    ({ status }) => status.memberId !== null && status.memberId === named?.status.leaderId,
  );
  if (leader === undefined) return null;
  const followers = answers.filter((each) => each !== leader && !each.status.isLearner);
  return { leader, followers };
}

/** Those that run, as far as is known. */
function candidates({ cluster, members }: EventTarget): readonly Candidate[] {
  return cluster === null ? members : cluster.members.filter(({ running }) => running);
}

function roleOf(choice: MemberChoice): Role | null {
  return ROLES.find((role) => role === choice) ?? null;
}

export interface MemberEvent {
  readonly kind: EventKind;
  readonly verb: string;
  /** What is done to the member. */
  begin(member: OwnMember, context: OwnContext): Promise<void>;
  /** Absent: it is done at once. */
  putRight?(name: string, cluster: OwnCluster): Promise<void>;
  check?(site: EventSite): void;
}

/** An event that is done to one member of a cluster that bench started, and has no other argument. */
export function memberEvent({ kind, verb, begin, putRight, check }: MemberEvent): TimedEvent {
  return {
    ...{ kind, verb, usage: MEMBER_USAGE, lasts: putRight !== undefined, needsOwnCluster: true },
    read(choice): TimedAction | null {
      if (!isMemberChoice(choice)) return null;
      return {
        text: choice,
        names: namesOf(choice),
        claims: claimsOf(choice, "the process"),
        check(site) {
          checkChoice(choice, site);
          check?.(site);
        },
        async *actions(given, lastsMs) {
          const context = ownContext(given);
          const member = ownMember((await chosenMember(choice, context)).name, context.cluster);
          yield {
            member: member.name,
            revision: null,
            begin: () => begin(member, context),
            ...(putRight && {
              end: { lastsMs, putRight: () => putRight(member.name, context.cluster) },
            }),
          };
        },
      };
    },
  };
}

/** @throws BenchError where none has the name */
export function ownMember(name: string, { members }: OwnCluster): OwnMember {
  const member = members.find((each) => each.name === name);
  if (member === undefined) throw usageError(`${name} is no member of the cluster any more`);
  return member;
}
