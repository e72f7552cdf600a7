/**
 * Counts the octets of replies (acknowledgements, resets, window updates) that a socket has not
 * written yet, whatever requests are queued with them.
 */

/** Replies that were queued one after another, as one. */
interface Batch {
  sizeBytes: number;
  /** The place in the connection's octets at which the last of them ends. */
  endBytes: number;
}

/**
 * Two batches keep the count: the older one is written when the socket is past its end, and then the
 * newer one takes its place. The count may be too high by what is written of the older batch, and it
 * always falls while the socket makes progress.
 */
export class UnwrittenReplies {
  #older: Batch = { sizeBytes: 0, endBytes: 0 };
  #newer: Batch = { sizeBytes: 0, endBytes: 0 };

  /** @param endBytes how many octets the connection had to write when the reply was queued, with it */
  add(sizeBytes: number, endBytes: number): void {
    const batch = this.#older.sizeBytes === 0 ? this.#older : this.#newer;
    batch.sizeBytes += sizeBytes;
    batch.endBytes = endBytes;
  }

  /** @param writtenBytes how many octets the socket has written since the connection began */
  unwrittenBytes(writtenBytes: number): number {
    for (let turn = 0; turn < 2 && this.#older.endBytes <= writtenBytes; turn++) {
      const written = this.#older;
      written.sizeBytes = 0;
      this.#older = this.#newer;
      this.#newer = written;
    }
    return this.#older.sizeBytes + this.#newer.sizeBytes;
  }
}
