/**
 * Owns a session of pairs in its folder: what was planned in one file, the results of each side in a
 * folder of its own, so that it can be gone on with and compared again.
 */
import { mkdir, readdir, readFile, rm, rmdir } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { compareRuns } from "../compare/compare.ts";
import { gatesOf } from "../compare/from-flags.ts";
import type { Gate } from "../compare/gates.ts";
import { type Comparison, type MetricName, metricNameSchema } from "../compare/schema.ts";
import { wholePairs } from "../compare/whole-pairs.ts";
import { usageError } from "../errors.ts";
import { runPlanSchema } from "../plan/schema.ts";
import { writeFileAtomically } from "../result/atomic-file.ts";
import { type DocumentKind, parseDocument, parseJson } from "../result/document.ts";
import { saveResult } from "../result/save-result.ts";
import type { SkippedFile } from "../result/saved-files.ts";
import type { RunResult } from "../result/schema.ts";
import { type LoadedFolder, loadFolder } from "../result/store.ts";
import { reason } from "../system-error.ts";
import type { SideName } from "./turns.ts";

/** Not named *.json: whoever reads the results of a folder takes every such file for one. */
const SESSION_FILE = "session.ab";
export const SESSION_SCHEMA_VERSION = 1;

const sideSchema = z.object({
  label: z.string(),
  /** Of each of its runs; a cluster that is started for it has no endpoints yet. */
  plan: runPlanSchema,
});

export const sessionSchema = z.object({
  kind: z.literal("ab-session"),
  schemaVersion: z.literal(SESSION_SCHEMA_VERSION),
  id: z.string(),
  pairs: z.int().min(2),
  warmupPairs: z.int().min(0),
  isCanary: z.boolean(),
  /** Whether a goes first in the first pair, which was drawn by lot. */
  isAFirst: z.boolean(),
  /** As a person writes them: `p99`, `range:p99`. */
  gates: z.array(z.string()),
  /** Fractions. */
  leastEffects: z.partialRecord(metricNameSchema, z.number()),
  sides: z.object({ a: sideSchema, b: sideSchema }),
  /** What a reader of the comparison must know, a sentence each. */
  notes: z.array(z.string()),
});

export type Session = z.infer<typeof sessionSchema>;

const SESSION: DocumentKind<Session> = {
  what: "a session of bench ab",
  schemaVersion: SESSION_SCHEMA_VERSION,
  schema: sessionSchema,
};

export interface StoredSession {
  session: Session;
  results: Record<SideName, RunResult[]>;
  files: string[];
  skipped: SkippedFile[];
}

/** What was planned with other gates or least effects, where a person judges by others later. */
export interface JudgedBy {
  gates?: readonly Gate[] | undefined;
  leastEffects?: Partial<Record<MetricName, number>> | undefined;
}

/** The verdict over the whole pairs there are; each side has a result at least. */
export function compareSession(
  session: Session,
  { a, b }: StoredSession["results"],
  { gates = gatesOf(session.gates.join(",")), leastEffects = {} }: JudgedBy = {},
): Comparison {
  return compareRuns(a, b, {
    baseLabel: session.sides.a.label,
    headLabel: session.sides.b.label,
    gates,
    leastEffects: { ...session.leastEffects, ...leastEffects },
    isCanary: session.isCanary,
    status: wholePairs(a, b).pairs >= session.pairs ? "complete" : "interrupted",
    notes: session.notes,
  });
}

/** Makes the folder. @throws BenchError (usage) where it holds results of something else already */
export async function createSession(folder: string, session: Session): Promise<void> {
  const held = await namesIn(folder);
  if (held.includes(SESSION_FILE)) {
    throw usageError(
      `--save: ${folder} holds a session already; --resume=${folder} goes on with it, or name another folder`,
    );
  }
  for (const side of ["a", "b"]) {
    if ((await namesIn(path.join(folder, side))).length > 0) {
      throw usageError(`--save: ${folder} has a folder ${side} with files in it; name another one`);
    }
  }
  try {
    for (const side of ["a", "b"]) await mkdir(path.join(folder, side), { recursive: true });
  } catch (cause) {
    throw usageError(`--save: cannot make the folder ${folder}: ${reason(cause)}`, cause);
  }
  await writeFileAtomically(
    path.join(folder, SESSION_FILE),
    `${JSON.stringify(session, null, 2)}\n`,
  );
}

/** Takes away a session of which no run was kept; what else stands in its folders stays. */
export async function discardSession(folder: string): Promise<void> {
  await rm(path.join(folder, SESSION_FILE));
  for (const each of [path.join(folder, "a"), path.join(folder, "b"), folder]) {
    if ((await namesIn(each)).length === 0) await rmdir(each);
  }
}

export function saveRun(folder: string, side: SideName, result: RunResult): Promise<string> {
  return saveResult(path.join(folder, side), result);
}

/**
 * Null where the folder is none of a session.
 * @throws BenchError (usage) that names the file and what is wrong
 */
export async function loadSession(folder: string): Promise<StoredSession | null> {
  if (!(await namesIn(folder)).includes(SESSION_FILE)) return null;
  const file = path.join(folder, SESSION_FILE);
  const session = parseDocument(SESSION, parseJson(await readFile(file, "utf8"), file), file);
  const a = await loadSide(folder, "a");
  const b = await loadSide(folder, "b");
  return {
    session,
    results: { a: a.results, b: b.results },
    files: [file, ...a.files, ...b.files],
    skipped: [...a.skipped, ...b.skipped],
  };
}

async function loadSide(folder: string, side: SideName): Promise<LoadedFolder> {
  const names = await namesIn(path.join(folder, side));
  if (!names.some((name) => name.endsWith(".json"))) return { results: [], files: [], skipped: [] };
  return await loadFolder(path.join(folder, side));
}

/** None where there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw usageError(`cannot read ${folder}: ${reason(cause)}`, cause);
  }
}
