/**
 * Names what both sides of a comparison have in common. In data a cell has the name of the base's load,
 * by which a trend is a series; for a reader it would claim that load for both sides.
 */
import type { Comparison } from "./schema.ts";

/** Begins the note of a comparison whose sides have different loads. */
export const DIFFERING = "The plans differ in ";
/** The words of a cell's name, by the fields of the plan that they are of. */
const WORDS_OF: readonly [field: string, word: RegExp][] = [
  ["workload.valSizeBytes", / value \S+ B(?=\s|$)/],
  ["load.connections", / conns=\S+/],
  ["load.clients", / clients=\S+/],
  ["pacing.ratePerSec", / \S+\/s(?=\s|$)/],
];

/** Also of a comparison that was saved: its notes have what the plans differ in. */
export function withCommonNames(comparison: Comparison): Comparison {
  const [cell, ...others] = comparison.cells;
  const differing = comparison.notes.find((note) => note.startsWith(DIFFERING));
  // Several cells are matched by their load, which then is that of both sides.
  if (cell === undefined || others.length > 0 || differing === undefined) return comparison;
  const name = commonName(cell.name, differing.slice(DIFFERING.length));
  return { ...comparison, cells: [{ ...cell, name }] };
}

/**
 * `put conns=1`, and `put/mixed conns=1` of two workloads.
 *
 * @param differing `load.clients (4, 40), pacing.ratePerSec (100, 200)`
 */
function commonName(name: string, differing: string): string {
  const isOf = (field: string) =>
    differing.startsWith(`${field} (`) || differing.includes(`), ${field} (`);
  const shared = WORDS_OF.filter(([field]) => isOf(field)).reduce(
    (words, [, word]) => words.replace(word, ""),
    name,
  );
  const [, base, head] = /(?:^|\), )workload\.kind \(([\w-]+), ([\w-]+)\)/.exec(differing) ?? [];
  return base === undefined ? shared : shared.replace(/^\S+/, `${base}/${head}`);
}
