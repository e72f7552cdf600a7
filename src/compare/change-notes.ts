/** Says during how many runs of each side of a comparison their cluster changed, and how. */
import { changesText } from "../result/change-words.ts";
import type { RunResult } from "../result/schema.ts";
import type { Cell } from "./cells.ts";

export function changeNotes(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): string[] {
  return [...noteOf(name, baseLabel, base), ...noteOf(name, headLabel, head)];
}

function noteOf(name: string, label: string, runs: readonly RunResult[]): string[] {
  const text = changesText(runs, { of: ` of ${label}` });
  return text === null ? [] : [`${name}: ${text}`];
}
