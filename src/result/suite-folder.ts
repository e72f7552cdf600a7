/**
 * Owns the folder that a suite's results are kept in: `suite.json`, written once before the first
 * run, says which runs there are and pins what they do; each run is a file of its own beside it,
 * and a run without its file is still to be done. Nothing else is kept, so that a crash at any
 * moment costs the run that was under way and no other.
 */
import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { usageError } from "../errors.ts";
import { reason } from "../system-error.ts";
import { writeFileAtomically } from "./atomic-file.ts";
import { type DocumentKind, parseDocument, parseJson } from "./document.ts";
import { jsonText } from "./json-text.ts";
import { SUITE_MANIFEST } from "./saved-files.ts";
import type { RunResult } from "./schema.ts";
import { loadResults } from "./store.ts";

export const MANIFEST_SCHEMA_VERSION = 1;

const suiteRunSchema = z.object({
  /** Beside the manifest: `003-reads-conns-100.json`. One result, or of a search all its steps. */
  file: z.string().regex(/^[^/\\]+\.json$/),
  /** Runs of one cell repeat each other. */
  cell: z.string(),
  /** From 1. */
  repeat: z.int().min(1),
  /** What tells the cell from its neighbours of one matrix: flags and their values. */
  values: z.record(z.string(), z.string()),
  /** As on a command line behind `bench`. */
  command: z.array(z.string()).min(1),
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
  /** What `bench run` was given beside the suite and the outputs; without passwords. */
  arguments: z.array(z.string()),
  /** In the order that they are carried out in. */
  runs: z.array(suiteRunSchema).min(1),
});

export type SuiteManifest = z.infer<typeof suiteManifestSchema>;
const MANIFEST: DocumentKind<SuiteManifest> = {
  what: "a manifest of bench run",
  schemaVersion: MANIFEST_SCHEMA_VERSION,
  schema: suiteManifestSchema,
};

export type SuiteRun = z.infer<typeof suiteRunSchema>;

/** @throws BenchError (usage) that names the folder; one that has a manifest already is refused */
export async function beginSuiteFolder(folder: string, manifest: SuiteManifest): Promise<void> {
  if (await isSuiteFolder(folder)) {
    throw usageError(
      `${folder} holds the results of a suite already: go on with it (--resume=${folder}), or name another folder`,
    );
  }
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw usageError(`cannot make the folder ${folder}: ${reason(cause)}`, cause);
  }
  const text = `${JSON.stringify(suiteManifestSchema.parse(manifest), null, 2)}\n`;
  await writeFileAtomically(path.join(folder, SUITE_MANIFEST), text);
}

export async function isSuiteFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(path.join(folder, SUITE_MANIFEST))).isFile();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw usageError(`cannot read ${folder}: ${reason(cause)}`, cause);
  }
}

/** @throws BenchError (usage) where there is none, or none that this bench reads */
export async function readSuiteManifest(folder: string): Promise<SuiteManifest> {
  const file = path.join(folder, SUITE_MANIFEST);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw usageError(`cannot read ${file}: ${reason(cause)}`, cause);
  });
  return parseDocument(MANIFEST, parseJson(text, file), file);
}

/**
 * The results of each run by its file; absent where it has none, or was interrupted and is to be
 * done again. @throws BenchError (usage) that names a file that is no result
 */
export async function readSuiteResults(
  folder: string,
  { runs }: SuiteManifest,
): Promise<Map<string, RunResult[]>> {
  const there = new Set(await readdir(folder));
  const done = new Map<string, RunResult[]>();
  for (const { file } of runs) {
    if (!there.has(file)) continue;
    const target = path.join(folder, file);
    if (!(await stat(target)).isFile()) throw usageError(`${target} is no regular file; remove it`);
    const results = await loadResults(target);
    if (results.some(({ status }) => status === "interrupted")) continue;
    done.set(file, results);
  }
  return done;
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
