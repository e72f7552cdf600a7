/** Writes text to what is no file of its own: an open descriptor, a device, a pipe, a socket. */
import { constants, fstat, readlinkSync, realpathSync, write } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createConnection } from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

const writeAt = promisify(write);
const statOf = promisify(fstat);

/** The other end of a pipe that is full reads on at its own pace. */
const FULL_PIPE_MS = 5;
/** A named pipe without a reader is tried so often, and the user hears of it after so many tries. */
const NO_READER_MS = 50;
const TRIES_UNTIL_SAID = 20;

/**
 * The descriptor of this process that a path like /dev/stdout, /dev/fd/3 or /proc/self/fd/1 is, or
 * a link to one; null for any other path. To open such a path anew would begin at the start of the
 * file that the shell has opened, and overwrite it. @throws Error where it is not open
 */
export async function openDescriptor(file: string): Promise<number | null> {
  const descriptor = descriptorOf(file);
  if (descriptor === null) return null;
  await statOf(descriptor).catch((cause: unknown) => {
    throw new Error(`descriptor ${descriptor} is not open`, { cause });
  });
  return descriptor;
}

/** Whether what is written to the path goes where standard output goes. */
export function isStandardOutput(file: string): boolean {
  return descriptorOf(file) === 1;
}

function descriptorOf(file: string): number | null {
  let name = path.resolve(file);
  const standard: Record<string, string> = { "/dev/stdout": "1", "/dev/stderr": "2" };
  const folder = orNull(() => realpathSync(path.dirname(name))) ?? path.dirname(name);
  name = path.join(folder, path.basename(name));
  const own = new RegExp(`^/(dev|proc/self|proc/${process.pid}(/task/\\d+)?)/fd/(\\d+)$`);
  const number = standard[name] ?? own.exec(name)?.[3];
  if (number !== undefined) return Number(number);
  const next = orNull(() => readlinkSync(name));
  return next === null || !/^\/(dev|proc)\//.test(next) ? null : descriptorOf(next);
}

function orNull(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** Goes on where the descriptor's owner is: at the end of what was opened for appending. */
export async function writeDescriptor(descriptor: number, text: string): Promise<void> {
  const stream = { 1: process.stdout, 2: process.stderr }[descriptor];
  if (stream !== undefined) {
    // By the stream, so that nothing overtakes what was written to it before.
    const failure = await new Promise<Error | null | undefined>((resolve) => {
      stream.write(text, resolve);
    });
    if (failure) throwUnlessClosed(failure);
    return;
  }
  let rest: Uint8Array = Buffer.from(text);
  while (rest.byteLength > 0) {
    try {
      const { bytesWritten } = await writeAt(descriptor, rest);
      rest = rest.subarray(bytesWritten);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EAGAIN") return throwUnlessClosed(cause);
      await delay(FULL_PIPE_MS);
    }
  }
}

/**
 * Waits for the pipe's reader, which `say` tells the user of. An open that blocks would hold a thread
 * of Node that no signal ends, and with it the end of the process.
 * @param signal ends the wait
 */
export async function writeNamedPipe(
  file: string,
  text: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const handle = await openNamedPipe(file, say, signal);
  try {
    await writeDescriptor(handle.fd, text);
  } finally {
    await handle.close();
  }
}

async function openNamedPipe(
  file: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<FileHandle> {
  for (let tries = 1; ; tries++) {
    try {
      return await open(file, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ENXIO") throw cause;
    }
    if (signal?.aborted) throw new Error("the pipe has no reader, and a signal ended the wait");
    if (tries === TRIES_UNTIL_SAID) say(`waiting for a reader of the pipe ${file}`);
    await delay(NO_READER_MS);
  }
}

/** A device, or a file that cannot be replaced. */
export async function writeInPlace(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, "w");
  try {
    await handle.writeFile(content);
  } catch (cause) {
    throwUnlessClosed(cause);
  } finally {
    await handle.close();
  }
}

export async function writeSocket(file: string, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = createConnection(file);
    socket.once("error", reject);
    socket.end(text, resolve);
  }).catch(throwUnlessClosed);
}

/** A reader that has enough closes its end, which is no error. */
function throwUnlessClosed(cause: unknown): void {
  if ((cause as NodeJS.ErrnoException).code !== "EPIPE") throw cause;
}
