/** Collects the bytes that are to be written to one socket: one write per event-loop turn. */
import type { Socket } from "node:net";

const INITIAL_BYTES = 16_384;
/** Larger ones are left to the garbage collector, so that a burst does not stay in memory. */
const LARGEST_KEPT_BYTES = 4 * INITIAL_BYTES;
/** More are there only while the peer does not read. */
const MOST_KEPT = 4;

export class Output {
  /** Write at the offset that `reserve` returned; replaced by `reserve` and `flush`. */
  buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;
  /** Handed to the socket since the connection began. */
  #flushedBytes = 0;
  /** What the socket still has, oldest first, and what it has given back. */
  readonly #lent: Buffer[] = [];
  readonly #spare: Buffer[] = [];
  readonly #onWritten = (): void => {
    const buffer = this.#lent.shift();
    if (buffer === undefined || buffer.length > LARGEST_KEPT_BYTES) return;
    if (this.#spare.length < MOST_KEPT) this.#spare.push(buffer);
  };
  readonly #isLateWriter: boolean;

  /**
   * @param isLateWriter the socket says later that it has written, as TLS does: each flush is written
   *   from a buffer of its own until then, and these take turns
   */
  constructor(isLateWriter = false) {
    this.#isLateWriter = isLateWriter;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Where in the connection's octets the next one goes. */
  get positionBytes(): number {
    return this.#flushedBytes + this.#length;
  }

  /** Octets that `socket` has written since the connection began. */
  writtenBytes(socket: Socket): number {
    return this.#flushedBytes - socket.writableLength;
  }

  /** Makes room for `sizeBytes` and returns where they go. */
  reserve(sizeBytes: number): number {
    const at = this.#length;
    const needed = at + sizeBytes;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    this.#length = needed;
    return at;
  }

  /** The last so many bytes that were reserved are not needed. */
  giveBack(sizeBytes: number): void {
    this.#length -= sizeBytes;
  }

  append(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
  }

  flush(socket: Socket): void {
    if (this.#length === 0) return;
    const written = this.buffer.subarray(0, this.#length);
    this.#flushedBytes += this.#length;
    this.#length = 0;
    if (this.#isLateWriter) {
      this.#lent.push(this.buffer);
      this.buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(INITIAL_BYTES);
      socket.write(written, this.#onWritten);
      return;
    }
    const size = this.buffer.length;
    socket.write(written);
    // The kernel mostly takes all at once, and then the buffer is ours again; if not, it belongs
    // to the socket until the write ends, and garbage collection frees it.
    if (socket.writableLength > 0) {
      this.buffer = Buffer.allocUnsafeSlow(Math.min(size, LARGEST_KEPT_BYTES));
    }
  }
}
