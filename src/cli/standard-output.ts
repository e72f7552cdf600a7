/** Owns standard output: data only, whole before the process ends, quiet where nobody reads on. */
import { BenchError, EXIT } from "../errors.ts";

/**
 * `bench ... | head` closes the pipe early, which is no error. Without a listener Node would throw it
 * from wherever the event loop happens to be; writeStandardOutput tells of all other failures. Calling
 * it again does nothing more.
 */
export function tolerateClosedPipes(): void {
  // Of standard error nobody is left who could be told.
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners("error").includes(tellNobody)) stream.on("error", tellNobody);
  }
}

function tellNobody(): void {}

/** Resolves when the text has left the process. Throws a BenchError where it cannot be written. */
export async function writeStandardOutput(text: string): Promise<void> {
  const ended = text.endsWith("\n") ? text : `${text}\n`;
  const failure = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    process.stdout.write(ended, resolve);
  });
  if (!failure || failure.code === "EPIPE" || failure.code === "ERR_STREAM_DESTROYED") return;
  throw new BenchError(`cannot write to standard output: ${failure.message}`, EXIT.failed, {
    cause: failure,
  });
}
