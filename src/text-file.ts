/** Reads text files that are small by their nature: settings, suites, Procfiles, what bench noted itself. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** Far above any file that a hand has written. */
const MOST_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/**
 * The text of a file that the user names, which may be a pipe, as `<(command)` gives one.
 * @throws the error of the system, or one of its kind for a file past 64 MiB, such as /dev/zero
 */
export function readNamedFile(path: string): string {
  return readWhole(path, constants.O_RDONLY);
}

/**
 * The text of a file that bench finds by itself: a pipe of that name would have no writer.
 * @throws as readNamedFile, and for all but a regular file
 */
export function readFoundFile(path: string): string {
  // Without O_NONBLOCK a pipe would be waited for before anything can be seen of it.
  return readWhole(path, constants.O_RDONLY | constants.O_NONBLOCK, true);
}

/**
 * The last lines of a file that grows, of at most so many octets; the start of a line that is longer is cut.
 * @throws the error of the system
 */
export function readEndOfFile(path: string, mostBytes: number): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const end = Buffer.alloc(Math.min(size, mostBytes));
    const bytes = readSync(file, end, 0, end.length, size - end.length);
    const text = end.toString("utf8", 0, bytes);
    return size > bytes ? text.slice(text.indexOf("\n") + 1) : text;
  } finally {
    closeSync(file);
  }
}

function readWhole(path: string, flags: number, isRegular = false): string {
  const file = openSync(path, flags);
  try {
    const stats = fstatSync(file);
    if (isRegular && !stats.isFile() && !stats.isDirectory()) {
      throw refusal(path, "ERR_NOT_REGULAR");
    }
    const chunks: Buffer[] = [];
    for (let total = 0; ; ) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const bytes = readSync(file, chunk, 0, CHUNK_BYTES, null);
      if (bytes === 0) return textOf(chunks);
      total += bytes;
      if (total > MOST_BYTES) throw refusal(path, "ERR_FS_FILE_TOO_LARGE");
      chunks.push(chunk.subarray(0, bytes));
    }
  } finally {
    closeSync(file);
  }
}

/** Editors of Windows begin a file with a mark that says nothing of the content. */
function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
}

/** As the system's own errors are, so that they are reported as those are. */
function refusal(path: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${path}: ${code}`), { code, syscall: "read", path });
}
