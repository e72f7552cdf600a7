/**
 * Notes that a run has on its etcd and that each of its figures depends on: where they are made, and
 * found again, so that a summary of several runs counts them.
 */
import { formatNoun } from "../text/noun.ts";
import type { RunResult } from "./schema.ts";

/** One note where etcd grants leases that live longer than what was asked for, else none. */
export function longerLeaseNotes(askedSeconds: number, grantedSeconds: number): string[] {
  if (grantedSeconds <= askedSeconds) return [];
  return [
    `etcd granted leases of ${grantedSeconds} s where ${askedSeconds} s were asked for: it gives ` +
      "none that is shorter than its elections may take.",
  ];
}

/** @param end how it ended */
export function endedMemberNote(member: string, end: string): string {
  return `The process of member ${member}, which bench had started, ended during the run: ${end}`;
}

export function restartNote(member: string, restarts: number): string {
  return `The process of member ${member} restarted during the run (${restarts} seen): its counters are summed across, without what passed between the last reading and the restart.`;
}

export function versionsNote(versions: string): string {
  return `The members run different versions: ${versions}.`;
}

interface Kind {
  note: RegExp;
  /** An event of the plan makes it, so that it is reported as the event. */
  isOfEvents: boolean;
}

const KINDS: readonly Kind[] = [
  {
    note: /^etcd granted leases of [^ ]+ s where [^ ]+ s were asked for: /,
    isOfEvents: false,
  },
  {
    note: /^The process of member .*, which bench had started, ended during the run: /,
    isOfEvents: true,
  },
  { note: /^The process of member .* restarted during the run \(\d+ seen\): /, isOfEvents: true },
  { note: /^The members run different versions: /, isOfEvents: true },
  { note: /^etcd's grpc-proxy (answers|keeps) .* to measure etcd\.$/, isOfEvents: false },
  { note: / different members: it is a proxy that spreads the load\.$/, isOfEvents: false },
];

/** Of more notes of one kind the saved results tell. */
const MOST_NOTES = 3;

/**
 * `in 2 of 6 runs of base: etcd granted leases of 15 s where 5 s were asked for: ...`, one for each kind
 * of note that a run has.
 * @param what one of the runs, e.g. `run`; `of`: whose they are, e.g. ` of base`
 */
export function targetTexts(
  runs: readonly Pick<RunResult, "notes" | "plan">[],
  { what = "run", of = "" }: { what?: string; of?: string } = {},
): string[] {
  return KINDS.flatMap(({ note, isOfEvents }) => {
    const found = runs
      .filter(({ plan }) => !isOfEvents || plan.maintenance.events.length === 0)
      .map(({ notes }) => notes.filter((each) => note.test(each)))
      .filter(({ length }) => length > 0);
    if (found.length === 0) return [];
    const texts = [...new Set(found.flat())];
    const more = texts.length - MOST_NOTES;
    const shown = [...texts.slice(0, MOST_NOTES), ...(more > 0 ? [`And ${more} more.`] : [])];
    return [`in ${found.length} of ${formatNoun(runs.length, what)}${of}: ${shown.join(" ")}`];
  });
}
