/**
 * Owns the index that a list leaves in its folder: what each file held, at which size and time. It is
 * only ever a shortcut; one that is missing, broken or of another bench is made anew.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { writeFileAtomically } from "../result/atomic-file.ts";
import type { Listed } from "./listed.ts";

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
  let stored: StoredIndex | null;
  try {
    stored = JSON.parse(await readFile(path.join(folder, INDEX_FILE), "utf8"));
  } catch (cause) {
    // Missing, not to be read, or cut short: all the same to who can make it anew.
    if (cause instanceof SyntaxError || (cause as NodeJS.ErrnoException).code !== undefined) {
      return null;
    }
    throw cause;
  }
  if (stored?.indexVersion !== INDEX_VERSION || stored.tool !== tool) return null;
  return new Map(Object.entries(stored.files));
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
  await writeFileAtomically(path.join(folder, INDEX_FILE), `${JSON.stringify(stored)}\n`);
}
