/** Says in how many runs of each side of a comparison their cluster changed, or was not what was asked for. */
import { changesText } from "../result/change-words.ts";
import type { RunResult } from "../result/schema.ts";
import { targetTexts } from "../result/target-notes.ts";
import type { Cell } from "./cells.ts";

export function changeNotes(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): string[] {
  return [...noteOf(name, baseLabel, base), ...noteOf(name, headLabel, head)];
}

function noteOf(name: string, label: string, runs: readonly RunResult[]): string[] {
  const of = ` of ${label}`;
  const changes = changesText(runs, { of });
  return [...(changes === null ? [] : [changes]), ...targetTexts(runs, { of })].map(
    (text) => `${name}: ${text}`,
  );
}
