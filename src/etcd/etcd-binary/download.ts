/** Downloads one file over HTTP to disk, with bounds on waiting, and gives its SHA-256. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";

export interface DownloadBounds {
  /** Until the status line has come, redirects included. */
  connectTimeoutMs: number;
  /** Between two chunks of the body. */
  idleTimeoutMs: number;
}

export type DownloadOutcome = { sha256: string; sizeBytes: number } | { failed: string };

/** Network trouble and any status but 200 are `failed`; a disk that cannot be written to throws. */
export async function download(
  url: string,
  filePath: string,
  bounds: DownloadBounds,
): Promise<DownloadOutcome> {
  const abort = new AbortController();
  let timer = abortAfter(abort, bounds.connectTimeoutMs, "no answer");
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      clearTimeout(timer);
      timer = abortAfter(abort, bounds.idleTimeoutMs, "no data");
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      return { failed: `HTTP status ${response.status}` };
    }
    clearTimeout(timer);
    timer = abortAfter(abort, bounds.idleTimeoutMs, "no data");
    await pipeline(
      Readable.fromWeb(response.body as ReadableStream<Uint8Array>),
      meter,
      createWriteStream(filePath),
      { signal: abort.signal },
    );
    return { sha256: hash.digest("hex"), sizeBytes };
  } catch (error) {
    if (abort.signal.aborted) return { failed: String(abort.signal.reason) };
    if (isDiskError(error)) throw error;
    return { failed: networkReason(error) };
  } finally {
    clearTimeout(timer);
  }
}

function abortAfter(abort: AbortController, timeoutMs: number, what: string): NodeJS.Timeout {
  return setTimeout(() => abort.abort(`${what} within ${timeoutMs / 1000} s`), timeoutMs);
}

function isDiskError(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code !== undefined && (syscall === "open" || syscall === "write");
}

/** fetch says only `fetch failed`; what a user needs (ENOTFOUND, ECONNREFUSED) is the cause. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException).code;
  if (code !== undefined) return String(code);
  return cause instanceof Error ? cause.message : String(cause);
}
