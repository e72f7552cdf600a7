/** Says where the ranges that the two sides have read do not hold as many keys. */
import type { RunResult } from "../result/schema.ts";
import type { Cell } from "./cells.ts";

const HOLDS = /^The range holds (\d+ keys?)\.$/;
const EMPTY = /^No key is in the range: /;

export function rangeNotes(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): string[] {
  const [ofBase, ofHead] = [sizesOf(base), sizesOf(head)];
  if (ofBase === ofHead || ofBase === "" || ofHead === "") return [];
  return [
    `${name}: the range that is read holds ${ofBase} in ${baseLabel} and ${ofHead} in ${headLabel}: the answers are not the same.`,
  ];
}

/** `10 keys`, `10 keys or 12 keys`; empty: not known. */
function sizesOf(runs: readonly RunResult[]): string {
  const sizes = runs.flatMap(({ notes }) =>
    notes.flatMap((note) => HOLDS.exec(note)?.[1] ?? (EMPTY.test(note) ? "no key" : [])),
  );
  return [...new Set(sizes)].toSorted().join(" or ");
}
