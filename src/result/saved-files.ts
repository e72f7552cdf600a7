/** Finds the files in a folder that bench may have saved, each once, and says which it skips. */
import type { Dirent, Stats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { usageError } from "../errors.ts";
import { reason } from "../system-error.ts";

/** In the folder of a suite's results: lists the runs, and is no result itself. */
export const SUITE_MANIFEST = "suite.json";
/** In the folder of a soak: says what is measured, and is no result itself. */
export const SOAK_MANIFEST = "soak.json";

export interface SkippedFile {
  file: string;
  /** A clause: `is no regular file`. */
  why: string;
}

export interface SavedFiles {
  /** From the folder, sorted. */
  names: string[];
  skipped: SkippedFile[];
}

/**
 * All regular files `*.json` in the folder and below it, without the manifest of a suite or a soak; null for what
 * is no folder. Links are followed, and what they lead to is taken once.
 * @throws BenchError (usage) that names a folder that cannot be read
 */
export async function findSavedFiles(target: string): Promise<SavedFiles | null> {
  try {
    if (!(await stat(target)).isDirectory()) return null;
    const walk = new Walk(target);
    await walk.folder("");
    await walk.followLinks();
    return { names: walk.names.sort(), skipped: walk.skipped };
  } catch (cause) {
    throw usageError(`cannot read ${target}: ${reason(cause)}`, cause);
  }
}

class Walk {
  readonly names: string[] = [];
  readonly skipped: SkippedFile[] = [];
  readonly #root: string;
  readonly #folders = new Set<string>();
  /** By device and inode, the first name of a file. */
  readonly #files = new Map<string, string>();
  /** Followed last, so that a file is known by its own name where it has one here. */
  #links: string[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  async folder(name: string): Promise<void> {
    const folder = path.join(this.#root, name);
    const entries = await this.#entriesOf(folder).catch((cause: unknown) => {
      if (name === "") throw cause;
      this.#skip(name, `cannot be read: ${reason(cause)}`);
      return [];
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = path.join(name, entry.name);
      if (entry.isSymbolicLink()) this.#links.push(inner);
      else if (entry.isDirectory()) await this.folder(inner);
      else if (isNamedAsResult(inner)) await this.#file(inner);
    }
  }

  /** The folder is known from now on. */
  async #entriesOf(folder: string): Promise<Dirent[]> {
    this.#folders.add(await realpath(folder));
    return readdir(folder, { withFileTypes: true });
  }

  async followLinks(): Promise<void> {
    for (let links = this.#links; links.length > 0; links = this.#links) {
      this.#links = [];
      for (const name of links) await this.#followLink(name);
    }
  }

  async #followLink(name: string): Promise<void> {
    const target = path.join(this.#root, name);
    let stats: Stats;
    let real: string;
    try {
      stats = await stat(target);
      real = await realpath(target);
    } catch (cause) {
      if (isNamedAsResult(name)) this.#skip(name, `leads nowhere: ${reason(cause)}`);
      return;
    }
    if (!stats.isDirectory()) {
      if (isNamedAsResult(name)) await this.#file(name);
      return;
    }
    const root = await realpath(this.#root);
    const isAround = real === root || root.startsWith(`${real}${path.sep}`);
    if (isAround || this.#folders.has(real))
      this.#skip(name, "leads to a folder that is read already");
    else await this.folder(name);
  }

  async #file(name: string): Promise<void> {
    const target = path.join(this.#root, name);
    const stats = await stat(target).catch(reason);
    if (typeof stats === "string") return this.#skip(name, `cannot be read: ${stats}`);
    if (!stats.isFile()) return this.#skip(name, "is no regular file");
    const identity = identityOf(stats);
    const first = this.#files.get(identity);
    if (first !== undefined) return this.#skip(name, `is the file ${first}`);
    this.#files.set(identity, name);
    this.names.push(name);
  }

  #skip(name: string, why: string): void {
    this.skipped.push({ file: path.join(this.#root, name), why });
  }
}

/** The same of all names of a file, hard links included. */
function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function isNamedAsResult(name: string): boolean {
  return name.endsWith(".json") && ![SUITE_MANIFEST, SOAK_MANIFEST].includes(path.basename(name));
}

/** Takes each file once, under the first name that is given for it. */
export class TakenFiles {
  readonly skipped: SkippedFile[] = [];
  readonly #nameOf = new Map<string, string>();

  /** Whether it is new; also true of one that is not there, so that reading it says why. */
  async take(file: string): Promise<boolean> {
    const stats = await stat(file).catch(() => null);
    if (stats === null) return true;
    const identity = identityOf(stats);
    const first = this.#nameOf.get(identity);
    if (first === undefined) {
      this.#nameOf.set(identity, file);
      return true;
    }
    this.skipped.push({ file, why: first === file ? "is read already" : `is the file ${first}` });
    return false;
  }
}

/** Takes each result once, by its id: a copy of a file, or a result that is in two files. */
export class TakenIds {
  readonly skipped: SkippedFile[] = [];
  readonly #fileOf = new Map<string, string>();

  /** Those that are new. A file is taken from once. */
  take<Of extends { id: string }>(file: string, all: readonly Of[]): Of[] {
    return all.filter(({ id }) => {
      const first = this.#fileOf.get(id);
      if (first === undefined) {
        this.#fileOf.set(id, file);
        return true;
      }
      const where = first === file ? "twice in it" : `in ${first} too`;
      this.skipped.push({ file, why: `has the result ${id}, which is ${where}` });
      return false;
    });
  }
}
