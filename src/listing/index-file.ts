/**
 * Reads and writes the index that a list leaves in its folder: what each file held, at which size and
 * time. It is only ever a shortcut; one that is missing, broken or of another bench is made anew.
 */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { usageError } from "../errors.ts";
import { writeFileAtomically } from "../result/atomic-file.ts";
import type { Listed, ListedResult } from "./listed.ts";

/** Not named *.json, since every such file in a folder is taken for a result. */
export const INDEX_FILE = ".bench-index";
const INDEX_VERSION = 2;

export interface IndexedFile {
  sizeBytes: number;
  modifiedMs: number;
  listed: Listed[];
  /** Why the file is none that this bench reads; null where it is. */
  error: string | null;
}

interface StoredIndex {
  indexVersion: number;
  /** What another bench cannot read this one may. */
  tool: string;
  files: Record<string, IndexedFile>;
}

/** By file from the folder; null where there is none that is of use. */
export async function readIndex(
  folder: string,
  tool: string,
): Promise<Map<string, IndexedFile> | null> {
  let stored: unknown;
  try {
    const file = path.join(folder, INDEX_FILE);
    if (!(await stat(file)).isFile()) return null;
    stored = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    // Missing, not to be read, or cut short: all the same to who can make it anew.
    if (cause instanceof SyntaxError || (cause as NodeJS.ErrnoException).code !== undefined) {
      return null;
    }
    throw cause;
  }
  if (!isIndex(stored, tool)) return null;
  return new Map(Object.entries(stored.files));
}

/** Checked by hand: the schemas take longer to load than a whole list that an index has. */
function isIndex(stored: unknown, tool: string): stored is StoredIndex {
  const { indexVersion, tool: by, files } = Object(stored) as Partial<StoredIndex>;
  if (indexVersion !== INDEX_VERSION || by !== tool || !isRecord(files)) return false;
  return Object.values(files).every((each) => {
    const { sizeBytes, modifiedMs, listed, error } = Object(each) as Partial<IndexedFile>;
    const hasError = error === null || typeof error === "string";
    const isKept = Array.isArray(listed) && listed.every(isListed);
    return isKept && hasError && Number.isFinite(sizeBytes) && Number.isFinite(modifiedMs);
  });
}

function isListed(each: unknown): boolean {
  const { kind, id, startedAt, verdict, labels, ...rest } = Object(each) as Partial<ListedResult>;
  const texts = [id, startedAt, verdict].every((text) => typeof text === "string");
  if (!texts || !isRecord(labels)) return false;
  if (kind !== "result") return typeof Object(rest).of === "string";
  const { workload, operation, status, clock, etcdVersion, furtherOperations } = rest;
  const figures = [rest.throughputPerSec, rest.p99Ms];
  return (
    [workload, operation, status, clock].every((text) => typeof text === "string") &&
    (etcdVersion === null || typeof etcdVersion === "string") &&
    [furtherOperations, rest.connections, rest.clients].every(Number.isFinite) &&
    figures.every((figure) => figure === null || Number.isFinite(figure))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws BenchError (usage) that names the file */
export async function writeIndex(
  folder: string,
  tool: string,
  files: ReadonlyMap<string, IndexedFile>,
): Promise<void> {
  const stored: StoredIndex = {
    indexVersion: INDEX_VERSION,
    tool,
    files: Object.fromEntries(files),
  };
  const file = path.join(folder, INDEX_FILE);
  const existing = await stat(file).catch(() => null);
  if (existing?.isFile() === false) throw usageError(`cannot write ${file}: it is no regular file`);
  await writeFileAtomically(file, `${JSON.stringify(stored)}\n`);
}
