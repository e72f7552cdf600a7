/** Reads pipes of the file system without holding a thread, so that a signal still ends bench. */
import { constants, realpathSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

const AGAIN_MS = 20;
const TRIES_UNTIL_SAID = 25;
const CHUNK_BYTES = 64 * 1024;

/**
 * The texts of those files that are named pipes, by their names.
 * @param files null: none is named there
 * @throws the error of the system
 */
export async function readNamedPipes(
  files: readonly (string | null)[],
  say: (line: string) => void,
): Promise<Map<string, string>> {
  const read = new Map<string, string>();
  for (const file of files) {
    if (file === null || read.has(file) || !isNamedPipe(file)) continue;
    const text = GIVEN.get(file) ?? (await readNamedPipe(file, say));
    GIVEN.set(file, text);
    read.set(file, text);
  }
  return read;
}

/** What pipes have given, by their names: they give it once, and each check and cell of a suite reads it. */
const GIVEN = new Map<string, string>();

/** What `read` gives, or of a pipe what it gave the first time. */
export function readOnce(file: string, read: () => string): string {
  if (!isReadOnce(file)) return read();
  const text = GIVEN.get(file) ?? read();
  GIVEN.set(file, text);
  return text;
}

/** Of what has given its text once, there is nothing to read again, whatever has its name now. */
export function isGivenOnce(file: string): boolean {
  return GIVEN.has(file) || isReadOnce(file);
}

/** A pipe with a name or without one, as of `<(command)`, or standard input. */
export function isReadOnce(file: string): boolean {
  if (file === "-") return true;
  try {
    return statSync(file).isFIFO();
  } catch {
    // Of a file that is not there, the reading says why.
    return false;
  }
}

/** Not so the pipe of `<(command)`, which has its writer and no path of its own. */
export function isNamedPipe(file: string): boolean {
  try {
    return statSync(realpathSync(file)).isFIFO();
  } catch {
    return false;
  }
}

/**
 * Waits for the pipe's writer, which `say` tells the user of.
 * @throws the error of the system
 */
async function readNamedPipe(file: string, say: (line: string) => void): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    for (let tries = 1; ; tries++) {
      const { bytesRead, buffer } = await handle
        .read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, null)
        .catch(noBytesYet);
      if (bytesRead > 0) {
        chunks.push(buffer.subarray(0, bytesRead));
        continue;
      }
      // Without a writer the end is read at once, as after the last one.
      if (bytesRead === 0 && chunks.length > 0) return Buffer.concat(chunks).toString("utf8");
      if (tries === TRIES_UNTIL_SAID) say(`waiting for a writer of the pipe ${file}`);
      await delay(AGAIN_MS);
    }
  } finally {
    await handle.close();
  }
}

function noBytesYet(cause: unknown): { bytesRead: number; buffer: Buffer } {
  if ((cause as NodeJS.ErrnoException).code !== "EAGAIN") throw cause;
  return { bytesRead: -1, buffer: Buffer.alloc(0) };
}
