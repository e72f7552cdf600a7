/**
 * Writes a file whole or not at all. What is no regular file (a device, a pipe, a socket, one of
 * this process's descriptors) is written to and never replaced.
 */
import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { access, constants, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { usageError } from "../errors.ts";
import { makeFolders } from "../make-folders.ts";
import { reason } from "../system-error.ts";
import { outgoing } from "../text/outgoing.ts";
import {
  openDescriptor,
  writeDescriptor,
  writeInPlace,
  writeNamedPipe,
  writeSocket,
} from "./open-file.ts";

/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * Replaces or creates the file, following links; a replaced file keeps its mode and owner. Throws a
 * usage error that names the file; the old content is then still there, and no temporary file is
 * left. `say` hears of a pipe without a reader.
 */
export async function writeFileAtomically(
  file: string,
  text: string,
  say: (line: string) => void = () => {},
  signal?: AbortSignal,
): Promise<void> {
  const written = outgoing(text);
  try {
    const descriptor = await openDescriptor(file);
    if (descriptor !== null) return await writeDescriptor(descriptor, written);
    const target = await withoutLinks(file);
    const existing = await stat(target).catch(whenMissing(null));
    if (existing?.isSocket()) return await writeSocket(target, written);
    if (existing?.isFIFO()) return await writeNamedPipe(target, written, say, signal);
    if (existing !== null && !existing.isFile()) return await writeInPlace(target, written);
    await replace(target, written, existing);
  } catch (cause) {
    throw usageError(`cannot write ${file}: ${reason(cause)}`, cause);
  }
}

/** A new file. Rejects with the system's error; nothing of it is left then. */
export async function writeNewFile(file: string, bytes: Uint8Array): Promise<void> {
  await replace(file, bytes, null);
}

/** With those that it is in. @throws BenchError (usage) that names the folder */
export async function makeFolder(folder: string): Promise<void> {
  try {
    makeFolders(folder);
  } catch (cause) {
    throw usageError(`cannot make the folder ${folder}: ${reason(cause)}`, cause);
  }
}

/**
 * Finds out before a run whether its output can be written after it, by making a file next to it
 * and removing that again. `folder` is made when needed, so its nearest ancestor is tried.
 * Throws a usage error that names the path and the fix.
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
    if ((await openDescriptor(target)) !== null) return;
    const file = await withoutLinks(target);
    const existing = await stat(file).catch(whenMissing(null));
    if (existing?.isDirectory()) throw new Error("it is a folder");
    if (existing !== null) await access(file, constants.W_OK);
    else await probe(path.dirname(file));
  } catch (cause) {
    throw usageError(
      `cannot write to the ${kind} ${target}: ${reason(cause)}; name a ${kind} that can be written`,
      cause,
    );
  }
}

async function replace(
  target: string,
  content: string | Uint8Array,
  existing: Stats | null,
): Promise<void> {
  const temporary = hiddenNextTo(path.dirname(target));
  try {
    const handle = await open(temporary, "wx", modeOf(existing));
    try {
      await handle.writeFile(content);
      if (existing !== null) {
        // Only root may give a file away; another user's file becomes that of who replaced it.
        await handle.chown(existing.uid, existing.gid).catch(whenNotAllowed);
        await handle.chmod(modeOf(existing));
      }
      // A full disk may be found only now; after the rename it would be too late.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {
      // What keeps it from being removed is what kept it from being written.
    });
    const { code } = cause as NodeJS.ErrnoException;
    // A file that is mounted by itself, or in a folder that takes no new files.
    const isFixed = ["EACCES", "EBUSY", "EPERM", "EROFS"].includes(code ?? "");
    if (existing === null || !isFixed) throw cause;
    await writeInPlace(target, content);
  }
}

function modeOf(existing: Stats | null): number {
  return existing === null ? 0o666 : existing.mode & 0o777;
}

async function probe(folder: string): Promise<void> {
  const file = hiddenNextTo(folder);
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

/** The file that links lead to, which need not exist yet. */
export async function withoutLinks(file: string): Promise<string> {
  const found = await realpath(file).catch(whenMissing(null));
  if (found !== null) return found;
  let target = file;
  for (let links = 0; links < MOST_LINKS; links++) {
    const next = await readlink(target).catch(() => null);
    if (next === null) return target;
    target = path.resolve(path.dirname(target), next);
  }
  return target;
}

function hiddenNextTo(folder: string): string {
  return path.join(folder, `.bench-${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
}

/** For `catch`: the value where nothing is there; any other failure goes on. */
function whenMissing<T>(value: T): (cause: NodeJS.ErrnoException) => T {
  return (cause) => {
    if (cause.code !== "ENOENT") throw cause;
    return value;
  };
}

function whenNotAllowed(cause: NodeJS.ErrnoException): void {
  if (cause.code !== "EPERM" && cause.code !== "EINVAL" && cause.code !== "ENOTSUP") throw cause;
}
