/**
 * Records requests one by one, for analyses that need to know when each was due and how it ended. A
 * load that asks for none makes none of its arrays. What a second has recorded is handed over whole,
 * in typed arrays that are transferred between threads and never copied.
 */

/** In place of a gRPC code: the request was due and never sent. */
export const NEVER_SENT = 255;

const FIRST_ROWS = 1_024;

/** The columns of some requests, all of one length. */
export interface RequestChunk {
  /** When each was due and when it ended, in nanoseconds. */
  dueNs: Float64Array;
  endNs: Float64Array;
  /** A gRPC code, 0 for OK, or `NEVER_SENT`. */
  status: Uint8Array;
  /** Which requests belong together; the load that records them says what each group is. */
  group: Uint16Array;
  /** Three numbers of the load's own. */
  number: Float64Array;
  revision: Float64Array;
  known: Float64Array;
}

export class RequestLog {
  #rows = 0;
  #chunk: RequestChunk | null = null;

  /** The times are of this thread's clock. */
  add(
    group: number,
    dueNs: number,
    endNs: number,
    status: number,
    number = 0,
    revision = 0,
    known = 0,
  ): void {
    this.#chunk ??= chunkOf(FIRST_ROWS);
    if (this.#rows === this.#chunk.dueNs.length) this.#chunk = resized(this.#chunk, 2 * this.#rows);
    const row = this.#rows;
    const chunk = this.#chunk;
    chunk.dueNs[row] = dueNs;
    chunk.endNs[row] = endNs;
    chunk.status[row] = status;
    chunk.group[row] = group;
    chunk.number[row] = number;
    chunk.revision[row] = revision;
    chunk.known[row] = known;
    this.#rows += 1;
  }

  /** What was added since the last time, with `offsetNs` added to its times; null: nothing. */
  take(offsetNs: number): RequestChunk | null {
    const rows = this.#rows;
    if (this.#chunk === null || rows === 0) return null;
    const taken = resized(this.#chunk, rows);
    for (let row = 0; row < rows; row++) {
      taken.dueNs[row]! += offsetNs;
      taken.endNs[row]! += offsetNs;
    }
    this.#rows = 0;
    return taken;
  }
}

/** The memory of a chunk, to be transferred to another thread. */
export function buffersOf(chunk: RequestChunk): ArrayBuffer[] {
  return Object.values(chunk as unknown as Record<string, Float64Array>).map(
    ({ buffer }) => buffer as ArrayBuffer,
  );
}

/** A chunk of so many rows, all zero. */
export function chunkOf(rows: number): RequestChunk {
  return {
    dueNs: new Float64Array(rows),
    endNs: new Float64Array(rows),
    status: new Uint8Array(rows),
    group: new Uint16Array(rows),
    number: new Float64Array(rows),
    revision: new Float64Array(rows),
    known: new Float64Array(rows),
  };
}

function resized(chunk: RequestChunk, rows: number): RequestChunk {
  const copy = chunkOf(rows);
  copy.dueNs.set(chunk.dueNs.subarray(0, rows));
  copy.endNs.set(chunk.endNs.subarray(0, rows));
  copy.status.set(chunk.status.subarray(0, rows));
  copy.group.set(chunk.group.subarray(0, rows));
  copy.number.set(chunk.number.subarray(0, rows));
  copy.revision.set(chunk.revision.subarray(0, rows));
  copy.known.set(chunk.known.subarray(0, rows));
  return copy;
}
