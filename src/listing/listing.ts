/**
 * Lists what a folder keeps: a line for each result, comparison and trend, and for each file that
 * cannot be read. An index in the folder spares reading what has not changed since: of 500 results of
 * ten minutes it saves half the wait.
 */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { BenchError, usageError } from "../errors.ts";
import { toolName } from "../package-root.ts";
import { findSavedFiles, type SkippedFile, TakenIds } from "../result/saved-files.ts";
import { reason } from "../system-error.ts";
import {
  type FileState,
  type IndexedFile,
  isSameFile,
  readIndex,
  writeIndex,
} from "./index-file.ts";
import type { Listed } from "./listed.ts";

export interface ListedEntry {
  /** From the folder. */
  file: string;
  /** Null for what cannot be read. */
  listed: Listed | null;
  /** Why it cannot be read; null where it can. */
  error: string | null;
}

export interface Listing {
  kind: "listing";
  source: string;
  /** In the order of time, what cannot be read at the end. */
  entries: ListedEntry[];
  /** What is no regular file, or has what another file has. */
  skipped: SkippedFile[];
  /** Published figures that were found and are left out. */
  publishedHidden: number;
}

/** The list, and why the index could not be kept, which costs time and nothing else. */
export interface ListedFolder {
  listing: Listing;
  indexFailure: BenchError | null;
  /** Files that were read, since the index did not have them as they are. */
  filesRead: number;
}

/** @throws BenchError (usage) for what is no folder that can be read */
export async function listFolder(folder: string): Promise<ListedFolder> {
  const saved = await findSavedFiles(folder);
  if (saved === null) {
    throw usageError(`${folder} is a file; bench report prints it, bench list takes a folder`);
  }
  const known = await readIndex(folder, toolName());
  const files = new Map<string, IndexedFile>();
  const unreadable: ListedEntry[] = [];
  let filesRead = 0;
  for (const name of saved.names) {
    const found = await seen(folder, name);
    if ("unseen" in found) {
      unreadable.push({ file: name, listed: null, error: found.unseen });
      continue;
    }
    const before = known?.get(name);
    if (before !== undefined && isSameFile(before, found)) {
      files.set(name, before);
      continue;
    }
    const text = await readFile(path.join(folder, name), "utf8").catch((cause: unknown) => {
      unreadable.push({ file: name, listed: null, error: reason(cause) });
      return null;
    });
    if (text === null) continue;
    filesRead++;
    files.set(name, { ...found, ...(await contentOf(text, path.join(folder, name))) });
  }
  const isStale = filesRead > 0 || known === null || known.size !== files.size;
  const indexFailure = isStale ? await keepIndex(folder, files) : null;
  const taken = new TakenIds();
  const entries = [...files].flatMap(([file, { listed, error }]): ListedEntry[] =>
    error === null
      ? taken.take(file, listed).map((each) => ({ file, listed: each, error: null }))
      : [{ file, listed: null, error }],
  );
  const ordered = [...entries, ...unreadable].sort(inTime);
  return {
    listing: {
      kind: "listing",
      source: folder,
      entries: ordered,
      skipped: [...saved.skipped, ...taken.skipped],
      publishedHidden: 0,
    },
    indexFailure,
    filesRead,
  };
}

type Seen = FileState | { unseen: string };

async function seen(folder: string, name: string): Promise<Seen> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(path.join(folder, name));
    return { sizeBytes: size, modifiedMs: mtimeMs, changedMs: ctimeMs, inode: ino };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    return { unseen: reason(cause) };
  }
}

async function contentOf(
  text: string,
  file: string,
): Promise<Pick<IndexedFile, "listed" | "error">> {
  // The schemas take longer to load than a whole list that an index has.
  const [{ parseSaved }, { listedOf }] = await Promise.all([
    import("../compare/saved.ts"),
    import("./listed.ts"),
  ]);
  try {
    return { listed: listedOf(parseSaved(text, file)), error: null };
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    return { listed: [], error: cause.message };
  }
}

async function keepIndex(
  folder: string,
  files: ReadonlyMap<string, IndexedFile>,
): Promise<BenchError | null> {
  try {
    await writeIndex(folder, toolName(), files);
    return null;
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    return cause;
  }
}

function inTime(one: ListedEntry, other: ListedEntry): number {
  if (one.listed === null || other.listed === null) {
    return Number(one.listed === null) - Number(other.listed === null);
  }
  return one.listed.startedAt.localeCompare(other.listed.startedAt);
}
