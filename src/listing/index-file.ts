/**
 * Reads and writes the index that a list leaves in its folder: what each file held, and the
 * size, times and inode that it had. It is only ever a shortcut; one that is missing, broken or of another bench is made anew.
 */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { usageError } from "../errors.ts";
import { writeFileAtomically } from "../result/atomic-file.ts";
import type { Listed, ListedComparison, ListedResult } from "./listed.ts";

/** Not named *.json, since every such file in a folder is taken for a result. */
export const INDEX_FILE = ".bench-index";
const INDEX_VERSION = 3;

/** Tells the files of a folder apart: two that take each other's names may have one size and one time. */
export interface FileState {
  sizeBytes: number;
  modifiedMs: number;
  /** Of its name, too, on most systems. */
  changedMs: number;
  inode: number;
}

export interface IndexedFile extends FileState {
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

const STATE: readonly (keyof FileState)[] = ["sizeBytes", "modifiedMs", "changedMs", "inode"];
const CLOCKS: readonly ListedResult["clock"][] = ["response", "service"];

const OTHER_KINDS: Readonly<Record<ListedComparison["kind"], true>> = {
  comparison: true,
  trend: true,
  failover: true,
  doctor: true,
  memory: true,
};

export function isSameFile(one: FileState, other: FileState): boolean {
  return STATE.every((name) => one[name] === other[name]);
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
    const { listed, error, ...state } = Object(each) as Partial<IndexedFile>;
    const hasError = error === null || typeof error === "string";
    const isKept = Array.isArray(listed) && listed.every(isListed);
    return isKept && hasError && STATE.every((name) => Number.isFinite(state[name]));
  });
}

function isListed(each: unknown): boolean {
  const { kind, id, startedAt, verdict, labels, ...rest } = Object(each) as Partial<ListedResult>;
  if (![id, startedAt, verdict].every(isText) || !isRecord(labels)) return false;
  if (!Object.values(labels).every(isText)) return false;
  if (kind !== "result") {
    return isText(kind) && Object.hasOwn(OTHER_KINDS, kind) && isText(Object(rest).of);
  }
  const { workload, operation, status, clock, etcdVersion, furtherOperations } = rest;
  const figures = [rest.throughputPerSec, rest.p99Ms];
  return (
    [workload, operation, status].every(isText) &&
    CLOCKS.some((each) => each === clock) &&
    typeof rest.isPublished === "boolean" &&
    (etcdVersion === null || isText(etcdVersion)) &&
    [furtherOperations, rest.connections, rest.clients].every(Number.isFinite) &&
    figures.every((figure) => figure === null || Number.isFinite(figure))
  );
}

function isText(value: unknown): value is string {
  return typeof value === "string";
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
