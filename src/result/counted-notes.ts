/** Finds in results the notes that their figures depend on, and counts them over several runs. */
import { formatNoun } from "../text/noun.ts";
import type { RunResult } from "./schema.ts";

interface Kind {
  note: RegExp;
  /** An event of the plan makes it, so that it is reported as the event. */
  isOfEvents?: true;
  /** A fault makes it, whose cost the figures of its trials are. */
  isOfFaults?: true;
  /** Its counts differ from run to run: one of them is shown. */
  isCounted?: true;
}

const KINDS: readonly Kind[] = [
  // Which etcd it was.
  { note: /^etcd granted leases of [^ ]+ s where [^ ]+ s were asked for: / },
  {
    note: /^The process of member .*, which bench had started, ended during the run: /,
    isOfEvents: true,
  },
  { note: /^The process of member .* restarted during the run \(\d+ seen\): /, isOfEvents: true },
  { note: /^The members run different versions: /, isOfEvents: true },
  { note: /^etcd's grpc-proxy (answers|keeps) .* to measure etcd\.$/ },
  { note: / different members: it is a proxy that spreads the load\.$/ },
  { note: / are one member, .*: it gets the connections of each\.$/ },
  { note: /^[^ ]+ reports ".*"\.$/ },
  { note: /^The cluster has no leader\.$/ },
  { note: /^The cluster's members could not be listed / },
  { note: /^--user has no effect: / },
  { note: /^The files? of --.* changed after bench had read / },
  {
    note: /^The metrics of member .*(: \d+ of \d+ readings failed | were not read: )/,
    isOfEvents: true,
    isCounted: true,
  },
  // What was sent, and how.
  { note: / sent no measured request/ },
  { note: /: this measures empty answers\.$/ },
  {
    note: /^(Before the clock started, |\d+ requests? of --warmup ).* of them failed: /,
    isCounted: true,
  },
  {
    note: / waited in the client for a stream, a window or a connection /,
    isOfFaults: true,
    isCounted: true,
  },
  {
    note: / that failed could not be sent, or not whole, in their time: /,
    isOfFaults: true,
    isCounted: true,
  },
  {
    note: / sent again, which etcd, or a proxy before it, had not processed: /,
    isOfFaults: true,
    isCounted: true,
  },
  { note: /^etcd cancelled a watcher, which was asked for again, /, isCounted: true },
  { note: / came due while another was under way: left out\.$/, isCounted: true },
  { note: / had not come when the run was over\.$/ },
  { note: /^No .* was made: /, isCounted: true },
  // What sent it.
  { note: / take CPU from each other[,;] / },
  { note: /^Whether agents began within / },
  { note: /^Agent .* was lost \(/ },
];

/** Of more notes of one kind the saved results tell. */
const MOST_NOTES = 3;

/**
 * `in 2 of 6 runs of base: etcd granted leases of 15 s where 5 s were asked for: ...`, one for each kind
 * of note that a run has.
 * @param what one of the runs, e.g. `run`; `of`: whose they are, e.g. ` of base`; `isTrial`: they are of a
 *   fault, whose cost their figures are
 */
export function countedNotes(
  runs: readonly Pick<RunResult, "notes" | "plan">[],
  {
    what = "run",
    of = "",
    isTrial = false,
  }: { what?: string; of?: string; isTrial?: boolean } = {},
): string[] {
  return KINDS.flatMap(({ note, isOfEvents = false, isOfFaults = false, isCounted = false }) => {
    if (isOfFaults && isTrial) return [];
    const found = runs
      .filter(({ plan }) => !isOfEvents || plan.maintenance.events.length === 0)
      .map(({ notes }) => notes.filter((each) => note.test(each)))
      .filter(({ length }) => length > 0);
    if (found.length === 0) return [];
    const texts = [...new Set(found.flat())];
    const most = isCounted ? 1 : MOST_NOTES;
    const more = texts.length - most;
    const shown = [...texts.slice(0, most), ...(more > 0 ? [`And ${more} more.`] : [])];
    return [`in ${found.length} of ${formatNoun(runs.length, what)}${of}: ${shown.join(" ")}`];
  });
}
