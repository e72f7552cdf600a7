/**
 * Says in how many runs of each side of a comparison the cluster changed, and what other than the load
 * their figures depend on.
 */
import { aroundRuns } from "../result/around-runs.ts";
import { changesText } from "../result/change-words.ts";
import type { RunResult } from "../result/schema.ts";
import type { Cell } from "./cells.ts";

export function aroundNotes(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): string[] {
  return [...notesOf(name, baseLabel, base), ...notesOf(name, headLabel, head)];
}

function notesOf(name: string, label: string, runs: readonly RunResult[]): string[] {
  const of = ` of ${label}`;
  const changes = changesText(runs, { of });
  return [...(changes === null ? [] : [changes]), ...aroundRuns(runs, { of })].map(
    (text) => `${name}: ${text}`,
  );
}
