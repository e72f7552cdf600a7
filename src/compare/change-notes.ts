/** Says during how many runs of each side of a comparison their cluster changed, and how. */
import type { RunResult } from "../result/schema.ts";
import { formatNoun } from "../text/noun.ts";
import type { Cell } from "./cells.ts";

/** Of more kinds the saved results tell. */
const MOST_TEXTS = 3;

export function changeNotes(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): string[] {
  return [...noteOf(name, baseLabel, base), ...noteOf(name, headLabel, head)];
}

function noteOf(name: string, label: string, runs: readonly RunResult[]): string[] {
  const changed = runs.filter(({ target }) => target.changes.length > 0);
  if (changed.length === 0) return [];
  const texts = [
    ...new Set(changed.flatMap(({ target }) => target.changes.map(({ text }) => text))),
  ];
  const more = texts.length - MOST_TEXTS;
  const shown = [...texts.slice(0, MOST_TEXTS), ...(more > 0 ? [`and ${more} more`] : [])];
  return [
    `${name}: the cluster changed during ${changed.length} of ${formatNoun(runs.length, "run")} of ${label}: ` +
      `${shown.join("; ")}.`,
  ];
}
