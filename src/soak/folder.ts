/**
 * Reads and writes the folder of a soak. `soak.json` says what is measured; rows are appended to
 * `rows-0001.jsonl` and its successors, each on the disk before the next one is measured; each segment
 * that ends leaves the result of its run. A crash costs the row under way.
 */
import { open, readdir, truncate } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { usageError } from "../errors.ts";
import { makeFolder, writeFileAtomically } from "../result/atomic-file.ts";
import {
  type DocumentKind,
  parseDocument,
  parseJson,
  readDocument,
  readFound,
} from "../result/document.ts";
import { jsonText } from "../result/json-text.ts";
import { SOAK_MANIFEST } from "../result/saved-files.ts";
import type { RunResult } from "../result/schema.ts";
import { withReadableHistograms } from "../saved/readable-histograms.ts";
import { loadResult } from "../saved/store.ts";
import { assertRegular, isRegularFile } from "../saved/suite-folder.ts";
import { reason } from "../system-error.ts";
import { type SoakRow, soakRowSchema } from "./row-schema.ts";

const SCHEMA_VERSION = 1;
/** Then the next file begins: a week of ten minutes. */
const ROWS_PER_FILE = 1_000;
const ROWS_FILE = /^rows-(\d+)\.jsonl$/;
const SEGMENT_FILE = /^segment-\d+\.json$/;

const soakManifestSchema = z.object({
  kind: z.literal("soak"),
  schemaVersion: z.literal(SCHEMA_VERSION),
  id: z.string(),
  startedAt: z.iso.datetime(),
  /** Name and version of what ran it. */
  tool: z.string(),
  /** What is offered, in words. */
  describe: z.string(),
  everyMs: z.number(),
  durationMs: z.number(),
  maxErrorRate: z.number(),
  /** The arguments of the command, without outputs and passwords. */
  arguments: z.array(z.string()),
  /** The etcd that was named; null: `--local`, or an earlier version that did not keep it. */
  target: z
    .object({
      endpoints: z.array(z.string()),
      /** In hex; null where it could not be asked. */
      clusterId: z.string().nullable(),
    })
    .nullable()
    .default(null),
});

export type SoakManifest = z.infer<typeof soakManifestSchema>;

const MANIFEST: DocumentKind<SoakManifest> = {
  what: "a manifest of bench soak",
  schemaVersion: SCHEMA_VERSION,
  schema: soakManifestSchema,
};

const ROW: DocumentKind<SoakRow> = {
  what: "a row of bench soak",
  schemaVersion: SCHEMA_VERSION,
  schema: withReadableHistograms(soakRowSchema),
};

export function newManifest(fields: Omit<SoakManifest, "kind" | "schemaVersion">): SoakManifest {
  return { kind: "soak", schemaVersion: SCHEMA_VERSION, ...fields };
}

/** @throws BenchError (usage) for a folder that cannot be read */
export async function isSoakFolder(folder: string): Promise<boolean> {
  return (await isRegularFile(path.join(folder, SOAK_MANIFEST))) === true;
}

/** @throws BenchError (usage) that names the folder */
export async function beginSoakFolder(folder: string, manifest: SoakManifest): Promise<void> {
  await makeFolder(folder);
  const text = `${JSON.stringify(soakManifestSchema.parse(manifest), null, 2)}\n`;
  await writeFileAtomically(path.join(folder, SOAK_MANIFEST), text);
}

/** @throws BenchError (usage) where there is none, or none that this bench reads */
export function readSoakManifest(folder: string): Promise<SoakManifest> {
  return readDocument(MANIFEST, path.join(folder, SOAK_MANIFEST));
}

/**
 * All rows, in their order. A row is one when its line has ended: what a crash cut off is left out.
 * @throws BenchError (usage) that names a file that cannot be read, or is damaged otherwise
 */
export async function readSoakRows(folder: string): Promise<SoakRow[]> {
  const rows: SoakRow[] = [];
  for (const name of await namesIn(folder, ROWS_FILE)) {
    const file = path.join(folder, name);
    const lines = readFound(file).split("\n");
    // The text after the last newline was cut off; of a whole file it is empty.
    for (const [at, line] of lines.slice(0, -1).entries()) {
      const where = `${file}, line ${at + 1},`;
      rows.push(parseDocument(ROW, parseJson(line, where), where));
    }
  }
  return rows;
}

/**
 * Takes away the part of a row that a crash left, so that the next row begins a line.
 * @throws BenchError (usage) that names the file
 */
export async function cutTornRow(folder: string): Promise<void> {
  const last = (await namesIn(folder, ROWS_FILE)).at(-1);
  if (last === undefined) return;
  const file = path.join(folder, last);
  const text = readFound(file);
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length === text.length) return;
  await truncate(file, Buffer.byteLength(whole)).catch((cause: unknown) => {
    throw usageError(`cannot write ${file}: ${reason(cause)}`, cause);
  });
}

/** Of the segments that came to their end, in their order. */
export async function readSoakResults(folder: string): Promise<RunResult[]> {
  const names = await namesIn(folder, SEGMENT_FILE);
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      await assertRegular(file);
      return loadResult(file);
    }),
  );
}

/** On the disk when it resolves, else not in the file at all. @throws BenchError (usage) that names the file */
export async function appendSoakRow(folder: string, row: SoakRow): Promise<void> {
  const number = Math.ceil(row.row / ROWS_PER_FILE);
  const file = path.join(folder, `rows-${String(number).padStart(4, "0")}.jsonl`);
  try {
    const handle = await open(file, "a");
    try {
      const { size } = await handle.stat();
      try {
        await handle.appendFile(`${JSON.stringify(row)}\n`);
        await handle.datasync();
      } catch (cause) {
        // A full disk takes a part of it.
        await handle.truncate(size);
        throw cause;
      }
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw usageError(`cannot write ${file}: ${reason(cause)}`, cause);
  }
}

/** @throws BenchError (usage) that names the file */
export async function saveSegment(
  folder: string,
  segment: number,
  result: RunResult,
): Promise<void> {
  const name = `segment-${String(segment).padStart(4, "0")}.json`;
  await writeFileAtomically(path.join(folder, name), jsonText(result));
}

async function namesIn(folder: string, pattern: RegExp): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw usageError(`cannot read the folder ${folder}: ${reason(cause)}`, cause);
  });
  return names.filter((name) => pattern.test(name)).sort();
}
