/**
 * Owns how a file comes to be: whole or not at all. What is not a regular file (a device, a pipe)
 * is written as it is.
 */
import { randomBytes } from "node:crypto";
import { access, constants, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { usageError } from "../errors.ts";

/**
 * Replaces or creates the file, following links. Throws a usage error that names the file; what
 * stood there before is then still there, and no temporary file is left.
 */
export async function writeFileAtomically(file: string, text: string): Promise<void> {
  try {
    const target = await realpath(file).catch(whenMissing(file));
    const existing = await stat(target).catch(whenMissing(null));
    if (existing !== null && !existing.isFile()) {
      await writeFile(target, text);
      return;
    }
    await replace(target, text);
  } catch (cause) {
    throw usageError(`cannot write ${file}: ${reason(cause)}`, cause);
  }
}

/**
 * Finds out before a run whether its output can be written after it, by making a file beside it
 * and taking that away again. `folder` is made when needed, so its nearest ancestor is tried.
 * Throws a usage error that names the path and the mend.
 */
export async function assertWritable(
  target: string,
  kind: "file" | "folder" = "file",
): Promise<void> {
  try {
    if (kind === "folder") {
      await probe(await nearestFolder(target));
      return;
    }
    const file = await realpath(target).catch(whenMissing(target));
    const existing = await stat(file).catch(whenMissing(null));
    if (existing?.isDirectory()) throw new Error("it is a folder");
    if (existing !== null) await access(file, constants.W_OK);
    if (existing === null || existing.isFile()) await probe(path.dirname(file));
  } catch (cause) {
    throw usageError(
      `cannot write to the ${kind} ${target}: ${reason(cause)}; name a ${kind} that can be written`,
      cause,
    );
  }
}

/** What an error of the file system says, in words where they are common. */
export function reason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  const words: Record<string, string> = {
    EACCES: "permission denied",
    EDQUOT: "disk quota exceeded",
    EFBIG: "the file would exceed the size limit",
    EISDIR: "it is a folder",
    ENAMETOOLONG: "the name is too long",
    ENOENT: "no such file or folder",
    ENOSPC: "no space left on the disk",
    ENOTDIR: "part of the path is not a folder",
    EPERM: "not permitted",
    EROFS: "the file system is read-only",
  };
  return (code !== undefined && words[code]) || message;
}

async function replace(target: string, text: string): Promise<void> {
  const temporary = hiddenBeside(path.dirname(target));
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(text);
      // A full disk may tell only now; after the rename it would be too late.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

async function probe(folder: string): Promise<void> {
  const file = hiddenBeside(folder);
  const handle = await open(file, "wx");
  await handle.close();
  await rm(file);
}

async function nearestFolder(target: string): Promise<string> {
  for (let folder = path.resolve(target); ; folder = path.dirname(folder)) {
    const existing = await stat(folder).catch(whenMissing(null));
    if (existing?.isDirectory()) return folder;
    if (existing !== null) throw new Error(`${folder} is not a folder`);
  }
}

function hiddenBeside(folder: string): string {
  return path.join(folder, `.bench-${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
}

/** For `catch`: the value where nothing is there; any other failure goes on. */
function whenMissing<T>(value: T): (cause: NodeJS.ErrnoException) => T {
  return (cause) => {
    if (cause.code !== "ENOENT") throw cause;
    return value;
  };
}
