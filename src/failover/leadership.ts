/**
 * Follows the leader through a fault by what the members told of themselves every few milliseconds:
 * when it was lost, when the next was elected, and when the faulted member had caught up.
 */
import { OK, type Outcomes } from "./outcomes.ts";

export interface Leadership {
  /** From the fault on. Null: not seen, which is so where the leader did not change. */
  leaderLostMs: number | null;
  leaderElectedMs: number | null;
  /** By how many the term rose: elections that were begun. Null: none was seen, and no member told at the end. */
  elections: number | null;
  /** From the fault on: the faulted member answered again and had a leader. */
  memberHealthyMs: number | null;
  /** From the fault on: it had applied what the others had. */
  memberCaughtUpMs: number | null;
  /** Of the faulted member, the most entries that it was seen to lack of the others'. */
  mostEntriesBehind: number | null;
}

/** An answer about itself of one member: by column `number` its leader (0: none), `revision` the term,
 * `known` the applied raft index. */
export interface MemberLooks {
  member: string;
  looks: Outcomes;
}

/** Members are asked once a second or more often. */
const TOLD_AT_END_MS = 2_000;

interface Look {
  isFaulted: boolean;
  dueMs: number;
  endMs: number;
  leader: number;
  term: number;
  appliedIndex: number;
}

/** @param faulted null: the fault was of no single member */
export function leadership(
  members: readonly MemberLooks[],
  faultMs: number,
  faulted: string | null,
): Leadership {
  const looks = members.flatMap(({ member, looks }) => looksOf(looks, member === faulted));
  looks.sort((a, b) => a.endMs - b.endMs);
  const before = looks.filter(({ endMs }) => endMs <= faultMs).at(-1);
  const after = looks.filter(({ dueMs }) => dueMs >= faultMs);
  const since = (look: Look | undefined) => (look === undefined ? null : look.endMs - faultMs);
  const isNext = ({ leader, term }: Look) =>
    before !== undefined && (leader !== before.leader || term > before.term);
  const elected = after.find((look) => look.leader !== 0 && isNext(look));
  const askedMs = members.reduce(
    (last, { looks: { dueMs } }) => Math.max(last, dueMs.at(-1) ?? 0),
    faultMs,
  );
  const toldMs = after.at(-1)?.endMs ?? Number.NEGATIVE_INFINITY;
  const term = after.reduce((highest, look) => Math.max(highest, look.term), 0);
  const elections = Math.max(0, term - (before?.term ?? 0));
  return {
    leaderLostMs: since(after.find(isNext)),
    leaderElectedMs: since(elected),
    elections: elections > 0 || toldMs >= askedMs - TOLD_AT_END_MS ? elections : null,
    ...catchUp(after, faultMs),
  };
}

type CatchUp = Pick<Leadership, "memberHealthyMs" | "memberCaughtUpMs" | "mostEntriesBehind">;

function catchUp(after: readonly Look[], faultMs: number): CatchUp {
  const own = after.filter(({ isFaulted }) => isFaulted);
  // A member that is still there answers until the fault has come to it: silence comes first.
  const silentFrom = silenceOf(own, faultMs);
  const back = own.filter(({ endMs }) => endMs > silentFrom);
  const healthy = back.find(({ leader }) => leader !== 0);
  let most: number | null = null;
  let caughtUp: Look | undefined;
  const appliedBefore = appliedByOthers(after);
  for (const look of back) {
    const behind = Math.max(0, appliedBefore(look.dueMs) - look.appliedIndex);
    most = Math.max(most ?? 0, behind);
    if (behind === 0 && look.leader !== 0) caughtUp ??= look;
  }
  return {
    memberHealthyMs: healthy === undefined ? null : healthy.endMs - faultMs,
    memberCaughtUpMs: caughtUp === undefined ? null : caughtUp.endMs - faultMs,
    mostEntriesBehind: most,
  };
}

/** When the longest time without an answer began. */
function silenceOf(own: readonly Look[], faultMs: number): number {
  let [fromMs, longestMs, previousMs] = [faultMs, 0, faultMs];
  for (const { endMs } of own) {
    if (endMs - previousMs > longestMs) [fromMs, longestMs] = [previousMs, endMs - previousMs];
    previousMs = endMs;
  }
  return fromMs;
}

/** What some other member had applied by then, for sure: it had answered before. */
function appliedByOthers(looks: readonly Look[]): (beforeMs: number) => number {
  let most = 0;
  const rises = looks.flatMap(({ isFaulted, endMs, appliedIndex }) => {
    if (isFaulted || appliedIndex <= most) return [];
    most = appliedIndex;
    return [{ endMs, appliedIndex }];
  });
  return (beforeMs) => {
    let [low, high] = [0, rises.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rises[middle]!.endMs <= beforeMs) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : rises[low - 1]!.appliedIndex;
  };
}

function looksOf(looks: Outcomes, isFaulted: boolean): Look[] {
  const found: Look[] = [];
  for (let row = 0; row < looks.dueMs.length; row++) {
    if (looks.status[row] !== OK) continue;
    found.push({
      isFaulted,
      dueMs: looks.dueMs[row]!,
      endMs: looks.endMs[row]!,
      leader: looks.number[row]!,
      term: looks.revision[row]!,
      appliedIndex: looks.known[row]!,
    });
  }
  return found;
}
