/**
 * Says in how many runs of each side of a comparison the cluster changed, and what other than the load
 * their figures depend on.
 */
import { aroundRuns } from "../result/around-runs.ts";
import { changesText } from "../result/change-words.ts";
import { machineTexts } from "../result/machine-words.ts";
import type { RunResult } from "../result/schema.ts";
import type { Cell } from "./cells.ts";

export interface AroundNote {
  text: string;
  /** Of the machine, which a trend counts apart. */
  isOfMachine: boolean;
}

export function aroundNotes(
  { name, base, head }: Cell,
  { baseLabel, headLabel }: { baseLabel: string; headLabel: string },
): AroundNote[] {
  return [...notesOf(name, baseLabel, base), ...notesOf(name, headLabel, head)];
}

function notesOf(name: string, label: string, runs: readonly RunResult[]): AroundNote[] {
  const of = ` of ${label}`;
  const changes = changesText(runs, { of });
  const ofMachine = machineTexts(runs, { of });
  return [...(changes === null ? [] : [changes]), ...aroundRuns(runs, { of })].map((text) => {
    return { text: `${name}: ${text}`, isOfMachine: ofMachine.includes(text) };
  });
}
