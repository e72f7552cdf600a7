/**
 * Maps each open stream of one connection to its call slot, and chooses the next stream id. A ring
 * indexed by stream id: cheaper by far than a Map in the hot path.
 */
import { LARGEST_STREAM_ID } from "./frames.ts";

const NO_SLOT = -1;

export class StreamTable {
  #mask = 63;
  #ids = new Uint32Array(64);
  #slots = new Int32Array(64).fill(NO_SLOT);
  #nextId: number;
  #open = 0;

  /** `firstId` is 1 but in tests of what happens when ids run out. */
  constructor(firstId = 1) {
    this.#nextId = firstId;
  }

  get open(): number {
    return this.#open;
  }

  /** False when the ids are used up and only a new connection helps (RFC 9113 section 5.1.1). */
  get hasIds(): boolean {
    // One turn of the ring is left over, since `add` may have to skip that many.
    return this.#nextId + 2 * this.#mask <= LARGEST_STREAM_ID;
  }

  /** Opens the next stream for `slot` and returns its id; `hasIds` must hold. */
  add(slot: number): number {
    if (this.#open * 2 > this.#mask) this.#grow();
    let id = this.#nextId;
    // A place taken by a long-lived stream: ids may be skipped, they only have to rise.
    while (this.#slots[(id >>> 1) & this.#mask] !== NO_SLOT) id += 2;
    const place = (id >>> 1) & this.#mask;
    this.#ids[place] = id;
    this.#slots[place] = slot;
    this.#nextId = id + 2;
    this.#open += 1;
    return id;
  }

  /** The slot of an open stream, or -1. */
  slotOf(streamId: number): number {
    const place = (streamId >>> 1) & this.#mask;
    return this.#ids[place] === streamId ? this.#slots[place]! : NO_SLOT;
  }

  remove(streamId: number): void {
    const place = (streamId >>> 1) & this.#mask;
    if (this.#ids[place] !== streamId || this.#slots[place] === NO_SLOT) return;
    this.#ids[place] = 0;
    this.#slots[place] = NO_SLOT;
    this.#open -= 1;
  }

  /** True for a stream that this client has never opened: a frame on it is a protocol error. */
  isIdle(streamId: number): boolean {
    return streamId >= this.#nextId || (streamId & 1) === 0;
  }

  /** The open streams with ids above `lastStreamId`, as [streamId, slot], in order of their ids. */
  openAbove(lastStreamId: number): [streamId: number, slot: number][] {
    const found: [number, number][] = [];
    for (let place = 0; place <= this.#mask; place++) {
      const slot = this.#slots[place]!;
      const id = this.#ids[place]!;
      if (slot !== NO_SLOT && id > lastStreamId) found.push([id, slot]);
    }
    return found.sort((a, b) => a[0] - b[0]);
  }

  #grow(): void {
    const open = this.openAbove(0);
    this.#mask = this.#mask * 2 + 1;
    this.#ids = new Uint32Array(this.#mask + 1);
    this.#slots = new Int32Array(this.#mask + 1).fill(NO_SLOT);
    for (const [id, slot] of open) {
      const place = (id >>> 1) & this.#mask;
      this.#ids[place] = id;
      this.#slots[place] = slot;
    }
  }
}
