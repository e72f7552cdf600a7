/**
 * Reads the session folders that `bench ab` wrote before it was a suite: `session.ab`, and the
 * results of each arm in a folder of its own, `a` and `b`.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { completePairs } from "../compare/complete-pairs.ts";
import { leastEffectsOf } from "../compare/from-flags.ts";
import { metricNameSchema } from "../compare/schema.ts";
import { type DocumentKind, readDocument } from "../result/document.ts";
import { resultFileName } from "../result/save-result.ts";
import { findSavedFiles } from "../result/saved-files.ts";
import type { RunResult } from "../result/schema.ts";
import { runPlanSchema } from "../saved/schemas.ts";
import { type LoadedFolder, loadFolder } from "../saved/store.ts";
import {
  type ArmComparison,
  isRegularFile,
  type SuiteManifest,
  type SuiteRun,
} from "../saved/suite-folder.ts";
import { dataWithoutSecrets } from "../text/secrets.ts";
import { formatShare } from "../units.ts";
import type { Arm, ArmName } from "./arms.ts";
import type { SavedSession } from "./session.ts";

const SESSION_FILE = "session.ab";
const SCHEMA_VERSION = 1;

const armSchema = z.object({ label: z.string(), plan: runPlanSchema });

const sessionSchema = z.object({
  kind: z.literal("ab-session"),
  schemaVersion: z.literal(SCHEMA_VERSION),
  id: z.string(),
  pairs: z.int().min(2),
  warmupPairs: z.int().min(0),
  isCanary: z.boolean(),
  isAFirst: z.boolean(),
  /** As flags write them. */
  gates: z.array(z.string()),
  /** Fractions. */
  leastEffects: z.partialRecord(metricNameSchema, z.number()),
  sides: z.object({ a: armSchema, b: armSchema }),
  notes: z.array(z.string()),
});

const SESSION: DocumentKind<z.infer<typeof sessionSchema>> = {
  what: "a session of bench ab",
  schemaVersion: SCHEMA_VERSION,
  schema: sessionSchema,
};

export interface EarlierSession extends SavedSession {
  /** The arm that goes first in the first pair. */
  first: ArmName;
  plans: Record<ArmName, Arm["plan"]>;
}

/**
 * Null for a folder without one.
 * @throws BenchError (usage) that names the file and what is wrong
 */
export async function loadEarlierSession(folder: string): Promise<EarlierSession | null> {
  const file = path.join(folder, SESSION_FILE);
  if (!(await isRegularFile(file))) return null;
  const { id, pairs, isAFirst, sides, leastEffects, ...declared } = await readDocument(
    SESSION,
    file,
  );
  const [a, b] = [await loadArm(folder, "a"), await loadArm(folder, "b")];
  const effects = Object.entries(leastEffects).map(
    ([metric, fraction]) => `${metric}=${formatShare(fraction)}`,
  );
  const { isCanary, warmupPairs, gates, notes } = declared;
  const armLabels = { a: sides.a.label, b: sides.b.label };
  return {
    first: isAFirst ? "a" : "b",
    plans: { a: sides.a.plan, b: sides.b.plan },
    comparison: { id, armLabels, isCanary, warmupPairs, gates, leastEffects: effects, notes },
    pairs,
    results: { a: a.results, b: b.results },
    files: [file, ...a.files, ...b.files],
    skipped: [...a.skipped, ...b.skipped],
  };
}

/**
 * What differs in the session that is planned now, as a clause; null where the earlier one can go on
 * with it.
 */
export function differenceFrom(
  { comparison, pairs, plans }: EarlierSession,
  now: Pick<SuiteManifest, "comparison" | "runs">,
  arms: Record<ArmName, Arm>,
): string | null {
  const partsOf = ({ id: _, leastEffects, ...declared }: ArmComparison, ofPairs: number) => ({
    ...declared,
    leastEffects: leastEffectsOf(leastEffects),
    pairs: ofPairs,
  });
  // Read as saved plans are.
  const planOf = (name: ArmName) => runPlanSchema.parse(dataWithoutSecrets(arms[name].plan));
  const was = { ...partsOf(comparison, pairs), "plan of arm a": plans.a, "plan of arm b": plans.b };
  const is: typeof was = {
    ...partsOf(now.comparison!, now.runs.length / 2),
    "plan of arm a": planOf("a"),
    "plan of arm b": planOf("b"),
  };
  const texts = new Map(Object.entries(is).map(([part, value]) => [part, JSON.stringify(value)]));
  const differing = Object.entries(was).find(
    ([part, value]) => JSON.stringify(value) !== texts.get(part),
  );
  return differing === undefined ? null : `${differing[0]} differs`;
}

/**
 * The manifest with which the session goes on as a suite: that of now, with the files of the
 * complete pairs that there are, and numbers that no earlier pair has for the others.
 */
export function continuedManifest(
  { comparison, pairs, results: { a, b } }: EarlierSession,
  now: SuiteManifest,
): SuiteManifest {
  const complete = completePairs(a, b);
  const fileOf = new Map<string, string>();
  for (const [arm, runs] of [["a", complete.base] as const, ["b", complete.head] as const]) {
    for (const run of runs) fileOf.set(`${arm}${pairOf(run)}`, `${arm}/${resultFileName(run)}`);
  }
  const numbers = [...new Set(complete.base.map(pairOf))].sort((one, other) => one - other);
  const last = Math.max(0, ...[...a, ...b].map(pairOf));
  for (let next = last + 1; numbers.length < pairs; next++) numbers.push(next);
  const runs = now.runs.map((run): SuiteRun => {
    const repeat = numbers[run.repeat - 1]!;
    return { ...run, repeat, file: fileOf.get(`${run.arm}${repeat}`) ?? run.file };
  });
  return { ...now, runs, comparison };
}

function pairOf({ plan }: RunResult): number {
  return Number(plan.labels.pair);
}

async function loadArm(folder: string, arm: ArmName): Promise<LoadedFolder> {
  const place = path.join(folder, arm);
  const isEmpty = !existsSync(place) || (await findSavedFiles(place))?.names.length === 0;
  return isEmpty ? { results: [], files: [], skipped: [] } : await loadFolder(place);
}
