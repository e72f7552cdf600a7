/** Labels the runs of a report of several: `[1]`, `[2]`, in the order given. */
import type { RunResult } from "../result/schema.ts";
import type { Column } from "./grid.ts";

/** A run of a report; `label` is empty where it is the only one. */
export interface LabelledRun {
  label: string;
  result: RunResult;
}

export function labelled(results: readonly RunResult[]): LabelledRun[] {
  return results.map((result, at) => ({
    label: results.length === 1 ? "" : `[${at + 1}]`,
    result,
  }));
}

/** The first column of a table of several runs; none for a single one. */
export function labelColumns(runs: readonly LabelledRun[]): Column<{ run: LabelledRun }>[] {
  if (runs.length <= 1) return [];
  return [{ header: ["Run"], cell: ({ run }) => run.label }];
}

/** Each text once, after the labels of all runs that have it: `[1] [4] text`. */
export function grouped(
  runs: readonly LabelledRun[],
  textsOf: (result: RunResult) => readonly string[],
): string[] {
  const labelsOfText = new Map<string, string[]>();
  for (const { label, result } of runs) {
    for (const text of new Set(textsOf(result))) {
      labelsOfText.set(text, [...(labelsOfText.get(text) ?? []), label]);
    }
  }
  return [...labelsOfText].map(([text, labels]) => {
    // Said by all of several, it needs no label.
    return labels.length === runs.length ? text : `${labels.join(" ")} ${text}`;
  });
}
