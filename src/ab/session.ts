/** Reads a saved session of `bench ab`, of this bench or an earlier one, and compares its arms. */
import path from "node:path";
import { compareRuns } from "../compare/compare.ts";
import { completePairs } from "../compare/complete-pairs.ts";
import { gatesOf, leastEffectsOf } from "../compare/from-flags.ts";
import type { Gate } from "../compare/gates.ts";
import type { Comparison, MetricName } from "../compare/schema.ts";
import type { SkippedFile } from "../result/saved-files.ts";
import type { RunResult } from "../result/schema.ts";
import {
  type ArmComparison,
  isSuiteFolder,
  readSuiteManifest,
  readSuiteResults,
} from "../saved/suite-folder.ts";
import type { ArmName } from "./arms.ts";
import { loadEarlierSession } from "./earlier-session.ts";

export interface SavedSession {
  comparison: ArmComparison;
  /** Pairs that were planned. */
  pairs: number;
  results: Record<ArmName, RunResult[]>;
  files: string[];
  skipped: SkippedFile[];
}

/** Gates and least effects that a user gives later, in place of those of the session. */
export interface JudgedBy {
  gates?: readonly Gate[] | undefined;
  leastEffects?: Partial<Record<MetricName, number>> | undefined;
}

/** The verdict over all complete pairs; each arm has a result at least. */
export function compareArms(
  {
    comparison: { armLabels, isCanary, notes, gates: declared, leastEffects: ofSession },
    pairs,
    results: { a, b },
  }: Pick<SavedSession, "comparison" | "pairs" | "results">,
  { gates = gatesOf(declared.join(",")), leastEffects = {} }: JudgedBy = {},
): Comparison {
  return compareRuns(a, b, {
    baseLabel: armLabels.a,
    headLabel: armLabels.b,
    gates,
    leastEffects: { ...leastEffectsOf(ofSession), ...leastEffects },
    isCanary,
    status: completePairs(a, b).pairs >= pairs ? "complete" : "interrupted",
    notes,
  });
}

/**
 * Null for a folder without a session.
 * @throws BenchError (usage) that names the file and what is wrong
 */
export async function loadSession(folder: string): Promise<SavedSession | null> {
  if (!(await isSuiteFolder(folder))) return loadEarlierSession(folder);
  const manifest = await readSuiteManifest(folder);
  const { runs, comparison } = manifest;
  if (comparison === null) return null;
  const byFile = await readSuiteResults(folder, manifest);
  const resultsOf = (arm: ArmName) =>
    runs.flatMap((run) => (run.arm === arm ? (byFile.get(run.file) ?? []) : []));
  return {
    comparison,
    pairs: runs.length / 2,
    results: { a: resultsOf("a"), b: resultsOf("b") },
    files: [...byFile.keys()].map((file) => path.join(folder, file)),
    skipped: [],
  };
}
