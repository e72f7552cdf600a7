/**
 * Reads and writes the folder of a suite's results. `suite.json`, written once before the first run,
 * lists the runs and pins what they do; each run has a file of its own, and a run without its file
 * is still to be done. Nothing else is kept, so that a crash costs the run under way and no other.
 */
import { rm, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { usageError } from "../errors.ts";
import { writeFileAtomically } from "../result/atomic-file.ts";
import { type DocumentKind, readDocument } from "../result/document.ts";
import { jsonText } from "../result/json-text.ts";
import { SUITE_MANIFEST } from "../result/saved-files.ts";
import type { RunResult } from "../result/schema.ts";
import { reason } from "../system-error.ts";
import { claimSession, releaseSession } from "./session-claim.ts";
import { loadResults } from "./store.ts";

export const MANIFEST_SCHEMA_VERSION = 1;

const suiteRunSchema = z.object({
  /**
   * Next to the manifest: `003-reads-conns-100.json`. One result, or of a search all its steps. In
   * sessions that an earlier `bench ab` began, some are in the folder of their arm.
   */
  file: z.string().regex(/^([ab]\/)?[^/\\]+\.json$/),
  /** Runs of one cell repeat each other. */
  cell: z.string(),
  /** Of a cell that is measured in several arms: `a`, `b`, `reference`, `head`. */
  arm: z.string().nullable().default(null),
  /** From 1. */
  repeat: z.int().min(1),
  /** What tells the cell from its neighbours of one matrix: flags and their values. */
  values: z.record(z.string(), z.string()),
  /** As on a command line after `bench`. */
  command: z.array(z.string()).min(1),
});

/** How `bench ab` compares its two arms, fixed before anything is measured. */
const armComparisonSchema = z.object({
  /** The `session` label of its runs. */
  id: z.string(),
  /** As reports name them: `b (--b-args='--snapshot-count=1000')`. */
  armLabels: z.object({ a: z.string(), b: z.string() }),
  isCanary: z.boolean(),
  /** Measured before the runs of the manifest, and thrown away. */
  warmupPairs: z.int().min(0),
  /** As flags write them: `p99`, `range:p99`. */
  gates: z.array(z.string()),
  /** As flags write them: `p99=15%`. */
  leastEffects: z.array(z.string()),
  /** What a reader of the comparison must know, a sentence each. */
  notes: z.array(z.string()),
});

export type ArmComparison = z.infer<typeof armComparisonSchema>;

/** What the trials of `bench failover` are of. */
const failoverTrialsSchema = z.object({
  /** The `failover` label of its runs. */
  id: z.string(),
  events: z.array(z.string()),
  /** As flags write them: `unavailable<3s`. */
  thresholds: z.array(z.string()).default([]),
});

export const suiteManifestSchema = z.object({
  kind: z.literal("suite"),
  schemaVersion: z.literal(MANIFEST_SCHEMA_VERSION),
  name: z.string(),
  /** A sentence; null where the suite has none. */
  describe: z.string().nullable(),
  /** The file that it was read from, as it was named or found. */
  source: z.string(),
  startedAt: z.iso.datetime(),
  /** Name and version of what ran it. */
  tool: z.string(),
  /** SHA-256 in hex of all that decides what is measured: every run's command and etcd, in order. */
  contentHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** The arguments of the command, without the suite, the outputs and passwords. */
  arguments: z.array(z.string()),
  /** In the order that they are carried out in. */
  runs: z.array(suiteRunSchema).min(1),
  /** Null for all suites but those of `bench ab`. */
  comparison: armComparisonSchema.nullable().default(null),
  /** Null for all suites but those of `bench failover`. */
  failover: failoverTrialsSchema.nullable().default(null),
});

export type SuiteManifest = z.infer<typeof suiteManifestSchema>;
const MANIFEST: DocumentKind<SuiteManifest> = {
  what: "a manifest of bench run",
  schemaVersion: MANIFEST_SCHEMA_VERSION,
  schema: suiteManifestSchema,
};

export type SuiteRun = z.infer<typeof suiteRunSchema>;

/**
 * Claims the folder. @throws BenchError (usage) that names the folder; one that has a manifest already, or that
 * another process uses, is refused
 */
export async function beginSuiteFolder(folder: string, manifest: SuiteManifest): Promise<void> {
  await claimSession(folder, "save");
  if (await isSuiteFolder(folder)) {
    throw usageError(
      `${folder} holds the results of a suite already: go on with it (--resume=${folder}), or name another folder`,
    );
  }
  const text = `${JSON.stringify(suiteManifestSchema.parse(manifest), null, 2)}\n`;
  await writeFileAtomically(path.join(folder, SUITE_MANIFEST), text);
}

/**
 * Does the work of a suite. Where that fails before any run is kept in a folder that was begun for it, nothing of
 * the folder is left.
 */
export async function inSuiteFolder<Done>(
  {
    folder,
    manifest: { runs },
    isNew,
  }: { folder: string; manifest: SuiteManifest; isNew: boolean },
  work: () => Promise<Done>,
): Promise<Done> {
  try {
    return await work();
  } catch (error) {
    if (!isNew) throw error;
    const kept = runs.map(({ file }) => isRegularFile(path.join(folder, file)));
    if ((await Promise.all(kept)).every((each) => each === null)) await discardSuiteFolder(folder);
    throw error;
  }
}

/** Removes the manifest of a suite without results, and the folder if nothing else is in it. */
export async function discardSuiteFolder(folder: string): Promise<void> {
  await rm(path.join(folder, SUITE_MANIFEST));
  releaseSession(folder);
  await rmdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(cause.code ?? "")) throw cause;
  });
}

export async function isSuiteFolder(folder: string): Promise<boolean> {
  return (await isRegularFile(path.join(folder, SUITE_MANIFEST))) === true;
}

/** Null where there is nothing of that name. @throws BenchError (usage) */
export async function isRegularFile(file: string): Promise<boolean | null> {
  try {
    return (await stat(file)).isFile();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw usageError(`cannot read ${file}: ${reason(cause)}`, cause);
  }
}

/** Of a file that bench names itself; false where there is none. @throws BenchError (usage) for a pipe and others */
export async function assertRegular(file: string): Promise<boolean> {
  const isFile = await isRegularFile(file);
  if (isFile === false) throw usageError(`${file} is no regular file; remove it`);
  return isFile !== null;
}

/** @throws BenchError (usage) where there is none, or none that this bench reads */
export async function readSuiteManifest(folder: string): Promise<SuiteManifest> {
  return readDocument(MANIFEST, path.join(folder, SUITE_MANIFEST));
}

/**
 * The results of each run that has any, by its file; those of interrupted runs are among them.
 * @throws BenchError (usage) that names a file that is no result
 */
export async function readSuiteResults(
  folder: string,
  { runs }: SuiteManifest,
): Promise<Map<string, RunResult[]>> {
  const found = new Map<string, RunResult[]>();
  for (const { file } of runs) {
    const target = path.join(folder, file);
    if (!(await assertRegular(target))) continue;
    found.set(file, await loadResults(target));
  }
  return found;
}

/** Whether a run was measured to its end; an interrupted one is to be done again. */
export function isDone(results: readonly RunResult[]): boolean {
  return results.every(({ status }) => status !== "interrupted");
}

/** Whole or not at all. @throws BenchError (usage) that names the file */
export async function saveSuiteRun(
  folder: string,
  { file }: SuiteRun,
  results: readonly RunResult[],
): Promise<string> {
  const target = path.join(folder, file);
  const data = results.length === 1 ? results[0] : results;
  await writeFileAtomically(target, jsonText(data));
  return target;
}
