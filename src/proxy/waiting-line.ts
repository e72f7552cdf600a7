/** A queue of what is to leave a link, first in, first out. */

/** Bytes, or the end of the connection: in order, or by a reset. */
export interface Waiting {
  content: Buffer | "end" | "reset";
  /** On the clock of performance.now. */
  dueMs: number;
}

/** Taken items are cut off in bulk: removing each one would move all others. */
const CUT_AT = 1024;
/** What an item costs in addition to its bytes, about. */
export const ITEM_BYTES = 512;

export class WaitingLine {
  #items: Waiting[] = [];
  #first = 0;
  /** With what the items themselves cost. */
  sizeBytes = 0;

  get head(): Waiting | undefined {
    return this.#items[this.#first];
  }

  add(item: Waiting): void {
    this.#items.push(item);
    this.sizeBytes += sizeOf(item);
  }

  /** Takes the head, or the first `bytes` of it. */
  take(bytes: number): Waiting["content"] {
    const item = this.#items[this.#first]!;
    const { content } = item;
    if (typeof content !== "string" && content.length > bytes) {
      item.content = content.subarray(bytes);
      this.sizeBytes -= bytes;
      return content.subarray(0, bytes);
    }
    this.sizeBytes -= sizeOf(item);
    this.#first++;
    if (this.#first >= CUT_AT || this.#first === this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return content;
  }

  /** Nothing waits longer than until then. */
  hasten(latestMs: number): void {
    for (let at = this.#first; at < this.#items.length; at++) {
      const item = this.#items[at]!;
      item.dueMs = Math.min(item.dueMs, latestMs);
    }
  }

  clear(): void {
    this.#items = [];
    this.#first = 0;
    this.sizeBytes = 0;
  }
}

function sizeOf({ content }: Waiting): number {
  return ITEM_BYTES + (typeof content === "string" ? 0 : content.length);
}
