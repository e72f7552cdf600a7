/**
 * Assembles messages that are wanted whole and come in pieces: each in memory that others have used
 * before, so that large events and answers give the garbage collector nothing.
 */

/** Of a slot's first piece; a server's word for the length alone makes no room. */
const FIRST_ROOM_BYTES = 64 * 1024;
/** Larger memory is left to the garbage collector, so that one large message does not stay. */
const LARGEST_SPARE_BYTES = 4 * 1024 * 1024;
/** More are in use only while that many messages are under way. */
const MOST_SPARE = 4;

interface Assembled {
  bytes: Buffer;
  length: number;
}

export class MessageAssembly {
  readonly #bySlot = new Map<number, Assembled>();
  readonly #spare: Buffer[] = [];

  has(slot: number): boolean {
    return this.#bySlot.has(slot);
  }

  /** Adds a piece of the slot's message; `bytesLeft` of it are still to come. */
  add(slot: number, bytes: Uint8Array, start: number, end: number, bytesLeft: number): void {
    let assembled = this.#bySlot.get(slot);
    if (assembled === undefined) {
      assembled = { bytes: this.#room(end - start), length: 0 };
      this.#bySlot.set(slot, assembled);
    }
    const length = assembled.length + end - start;
    if (length > assembled.bytes.length) {
      const larger = this.#room(Math.max(length, Math.min(2 * length, length + bytesLeft)));
      larger.set(assembled.bytes.subarray(0, assembled.length));
      this.giveBack(assembled.bytes);
      assembled.bytes = larger;
    }
    assembled.bytes.set(bytes.subarray(start, end), assembled.length);
    assembled.length = length;
  }

  /** The slot's message, all of which is here; its reader gives the memory back. */
  take(slot: number): Assembled {
    const assembled = this.#bySlot.get(slot)!;
    this.#bySlot.delete(slot);
    return assembled;
  }

  /** The rest of the slot's message will not come. */
  drop(slot: number): void {
    if (this.#bySlot.size === 0 || !this.#bySlot.has(slot)) return;
    this.giveBack(this.take(slot).bytes);
  }

  giveBack(bytes: Buffer): void {
    if (bytes.length > LARGEST_SPARE_BYTES || this.#spare.length === MOST_SPARE) return;
    this.#spare.push(bytes);
  }

  #room(sizeBytes: number): Buffer {
    const spare = this.#spare.pop();
    if (spare !== undefined && spare.length >= sizeBytes) return spare;
    return Buffer.allocUnsafeSlow(Math.max(sizeBytes, FIRST_ROOM_BYTES));
  }
}
