/** Says how the cluster changed during a run, and of several runs during how many of them. */
import { formatNoun } from "../text/noun.ts";
import type { RunResult, TargetChange } from "./schema.ts";

export function changeNote({ atSeconds, text }: Pick<TargetChange, "atSeconds" | "text">): string {
  const when =
    atSeconds < 0 ? "before the load began" : `${atSeconds.toFixed(1)} s after the start`;
  return `Seen ${when}: ${text}.`;
}

/** Of more kinds the saved results tell. */
const MOST_TEXTS = 3;

/**
 * `the cluster changed during 2 of 6 runs of base: m4 joined the cluster.`; null where it did not.
 * @param what one of the runs, e.g. `run`; `of`: whose they are, e.g. ` of base`
 */
export function changesText(
  runs: readonly Pick<RunResult, "target">[],
  { what = "run", of = "", kinds }: { what?: string; of?: string; kinds?: readonly string[] } = {},
): string | null {
  const told = runs.map(({ target }) =>
    target.changes.filter(({ kind }) => kinds === undefined || kinds.includes(kind)),
  );
  const changes = told.flat();
  if (changes.length === 0) return null;
  const texts = [...new Set(changes.map(({ text }) => text))];
  const more = texts.length - MOST_TEXTS;
  const shown = [...texts.slice(0, MOST_TEXTS), ...(more > 0 ? [`and ${more} more`] : [])];
  const before = changes.filter(({ atSeconds }) => atSeconds < 0).length;
  const when =
    before === 0 ? "during" : before === changes.length ? "before the load of" : "before or during";
  const count = told.filter(({ length }) => length > 0).length;
  return `the cluster changed ${when} ${count} of ${formatNoun(runs.length, what)}${of}: ${shown.join("; ")}.`;
}
