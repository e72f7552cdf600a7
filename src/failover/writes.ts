/**
 * Compares the puts of a run, each under a key of its own, with what every member holds at the end:
 * acknowledged puts that are gone, puts in doubt that were applied or not, and puts applied twice.
 */
import { NEVER_SENT } from "../load/recording/request-log.ts";
import { OK, type Outcomes } from "./outcomes.ts";

const MOST_EXAMPLES = 10;

/** What one member holds, by the number of the put. */
export interface MemberKeys {
  member: string;
  /** How often the key was written; 0: it is not there. Null: the member could not be read. */
  versions: ReadonlyMap<number, number> | null;
  /** Puts whose key holds another value than theirs. */
  corrupt: ReadonlySet<number>;
  /** Why it could not be read. */
  error: string | null;
}

export interface WriteFigures {
  acknowledged: number;
  /** Ended with an error, or with no answer: etcd may have applied them. */
  inDoubt: number;
  /** Null, as all that the members tell: no member could be read. */
  inDoubtApplied: number | null;
  inDoubtNotApplied: number | null;
  /** Members disagree whether it was applied. */
  inDoubtDiverged: number | null;
  /** Acknowledged, and missing on one member at least. */
  lost: number | null;
  /** Whether acknowledged or not: the key was written more than once by one put. */
  appliedTwice: number | null;
  corrupt: number | null;
  /** Numbers of lost puts, the first of them. */
  examples: number[];
  members: { member: string; keys: number | null; lost: number | null; error: string | null }[];
}

/** `puts`: those of the run, each with the number of its key. */
export function writeFigures(puts: Outcomes, members: readonly MemberKeys[]): WriteFigures {
  const read = members.flatMap(({ versions, corrupt }) =>
    versions === null ? [] : [{ versions, corrupt }],
  );
  const count = {
    ...{ acknowledged: 0, inDoubt: 0, inDoubtApplied: 0, inDoubtNotApplied: 0 },
    ...{ inDoubtDiverged: 0, lost: 0, appliedTwice: 0, corrupt: 0 },
  };
  const examples: number[] = [];
  for (const [row, number] of puts.number.entries()) {
    const status = puts.status[row]!;
    if (status === NEVER_SENT) continue;
    const versions = read.map((member) => member.versions.get(number) ?? 0);
    const holders = versions.filter((version) => version > 0).length;
    if (versions.some((version) => version > 1)) count.appliedTwice += 1;
    if (read.some((member) => member.corrupt.has(number))) count.corrupt += 1;
    if (status === OK) {
      count.acknowledged += 1;
      if (holders === versions.length) continue;
      count.lost += 1;
      if (examples.length < MOST_EXAMPLES) examples.push(number);
      continue;
    }
    count.inDoubt += 1;
    if (versions.length === 0) continue;
    if (holders === versions.length) count.inDoubtApplied += 1;
    else if (holders === 0) count.inDoubtNotApplied += 1;
    else count.inDoubtDiverged += 1;
  }
  const { acknowledged, inDoubt, ...told } = count;
  return {
    ...{ acknowledged, inDoubt },
    ...(read.length > 0 ? told : NOT_TOLD),
    examples,
    members: members.map(({ member, versions, error }) => ({
      member,
      keys: versions?.size ?? null,
      lost: versions === null ? null : lostOn(puts, versions),
      error,
    })),
  };
}

const NOT_TOLD = {
  ...{ inDoubtApplied: null, inDoubtNotApplied: null, inDoubtDiverged: null },
  ...{ lost: null, appliedTwice: null, corrupt: null },
};

function lostOn(puts: Outcomes, versions: ReadonlyMap<number, number>): number {
  let lost = 0;
  for (const [row, number] of puts.number.entries()) {
    if (puts.status[row] === OK && (versions.get(number) ?? 0) === 0) lost += 1;
  }
  return lost;
}
