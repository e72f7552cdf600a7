/**
 * Writes to the standard streams, through the one exit of all text. Standard output holds data only,
 * is whole before the process ends, and is quiet where the reader is gone.
 */
import { BenchError, EXIT } from "../../errors.ts";
import { outgoing, outgoingNote } from "../../text/outgoing.ts";

/**
 * `bench ... | head` closes the pipe early, which is no error. Without a listener Node would throw it
 * from wherever the event loop happens to be; writeStandardOutput tells of all other failures. Calling
 * it again does nothing more.
 */
export function tolerateClosedPipes(): void {
  // An error of standard error cannot be reported anywhere.
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners("error").includes(ignoreError)) stream.on("error", ignoreError);
  }
}

function ignoreError(): void {}

/**
 * Resolves when the text has left the process. Throws a BenchError where it cannot be written.
 * @param color whether it may have the styles of tables
 */
export async function writeStandardOutput(text: string, color = false): Promise<void> {
  const shown = outgoing(text, color);
  await writeAll(shown.endsWith("\n") ? shown : `${shown}\n`);
}

/**
 * Writes lines that a shell is to read, as they are: the one output that is asked for the sake of a
 * password in it. Resolves and throws as `writeStandardOutput`.
 */
export async function writeForShell(lines: readonly string[]): Promise<void> {
  await writeAll(lines.map((line) => `${line}\n`).join(""));
}

async function writeAll(text: string): Promise<void> {
  const failure = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    process.stdout.write(text, resolve);
  });
  if (!failure || isReaderGone(failure)) return;
  throw new BenchError(`cannot write to standard output: ${failure.message}`, EXIT.failed, {
    cause: failure,
  });
}

/** A pipe that its reader has closed, or a terminal that is closed; EIO of a file is the disk's. */
function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return true;
  return code === "EIO" && process.stdout.isTTY;
}

/** Notes, progress and errors. */
export function writeStandardError(text: string): void {
  process.stderr.write(outgoing(text));
}

/** A sentence of ours on lines of its own, with what others say in it. */
export function writeNote(sentence: string): void {
  writeStandardError(`${outgoingNote(sentence)}\n`);
}
