/**
 * Carries the bytes of one direction of one connection. Without a fault each chunk is written as it was
 * read; with one, chunks wait in a line until they are due, and reading stops while the line is full.
 */
import type { Socket } from "node:net";
import type { ByteSource } from "./byte-source.ts";
import { drawDelayMs, type Effects, NO_EFFECTS } from "./effects.ts";
import type { Room } from "./room.ts";
import { WaitingLine } from "./waiting-line.ts";

/** What the kernel has not taken yet: beyond it reading stops. None may wait where the next chunk overwrites it. */
const UNWRITTEN_BYTES = 2 ** 20;
/** A delay holds this much at most: 16 MiB in 100 ms are 160 MiB/s. */
const DELAYED_BYTES = 16 * 2 ** 20;
/** Where the rate is limited, a longer line would only add delay. */
const LIMITED_BYTES = 65_536;
/** A limited rate is sent in pieces of so much time, well above what a timer misses. */
const QUANTUM_MS = 20;
/** Node's timers end at 2^31 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What a link says of itself. */
export interface LinkWatch {
  /** Bytes were read from the source. */
  read(bytes: Buffer): void;
  dropped(bytes: number): void;
  delayed(ms: number): void;
  /** A blackhole ended that took bytes: what follows them makes no sense to the receiver. */
  corrupted(): void;
}

export class Link {
  readonly #source: ByteSource;
  readonly #sink: Socket;
  readonly #unwrittenBytes: number;
  readonly #watch: LinkWatch;
  readonly #room: Room;
  readonly #random: () => number;
  readonly #line = new WaitingLine();
  #effects: Effects = NO_EFFECTS;
  /** By a bandwidth or between slices: nothing leaves earlier. */
  #freeAtMs = 0;
  #lastDueMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #isReading = true;
  #hasLostBytes = false;
  #hasEnded = false;
  /** The end that a half-open connection does not pass on. */
  #heldEnd: "end" | "reset" | null = null;

  constructor(
    source: ByteSource,
    sink: Socket,
    watch: LinkWatch,
    room: Room,
    random: () => number,
  ) {
    this.#source = source;
    this.#sink = sink;
    this.#unwrittenBytes = source.isReused ? 0 : UNWRITTEN_BYTES;
    this.#watch = watch;
    this.#room = room;
    this.#random = random;
  }

  /** Begins to read. */
  open(): void {
    this.#source.onBytes((bytes) => this.#receive(bytes));
    const { socket } = this.#source;
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#finish("end");
    });
    socket.on("close", (hadError) => {
      if (hadError || !this.#hasEnded) this.#finish("reset");
    });
    this.#sink.on("drain", () => {
      this.#pump();
      this.#regulate();
    });
    this.#sink.on("close", () => this.#discard());
    this.#regulate();
  }

  get waitingBytes(): number {
    return this.#line.sizeBytes;
  }

  apply(effects: Effects): void {
    const before = this.#effects;
    if (effects === before) return;
    this.#effects = effects;
    if (before.isBlackholed && !effects.isBlackholed && this.#hasLostBytes) {
      this.#watch.corrupted();
      return;
    }
    if (before.delay !== effects.delay || before.slowCloseMs > effects.slowCloseMs) {
      const latestMs = (effects.delay?.latencyMs ?? 0) + effects.slowCloseMs;
      this.#line.hasten(performance.now() + latestMs);
      this.#lastDueMs = Math.min(this.#lastDueMs, performance.now() + latestMs);
    }
    if (before.bytesPerSecond !== effects.bytesPerSecond || before.slice !== effects.slice) {
      this.#freeAtMs = 0;
    }
    if (this.#heldEnd !== null && !effects.isHalfOpen) {
      const held = this.#heldEnd;
      this.#heldEnd = null;
      this.#finish(held);
    }
    this.#pump();
    this.#regulate();
  }

  #receive(bytes: Buffer): void {
    this.#watch.read(bytes);
    if (this.#effects === NO_EFFECTS && this.#line.head === undefined) {
      this.#write(bytes);
      if (this.#sink.writableLength > this.#unwrittenBytes) this.#regulate();
      return;
    }
    if (this.#effects.isBlackholed) {
      this.#hasLostBytes = true;
      this.#watch.dropped(bytes.length);
      return;
    }
    if (!this.#sink.writable) return;
    this.#enqueue(this.#source.isReused ? Buffer.from(bytes) : bytes, this.#delayMs());
    this.#pump();
    this.#regulate();
  }

  #write(bytes: Buffer): void {
    this.#sink.write(bytes, this.#onWritten);
  }

  /** One function for all writes, which Node calls in bulk. */
  readonly #onWritten = (): void => {
    if (!this.#isReading) this.#regulate();
  };

  #finish(how: "end" | "reset"): void {
    if (this.#sink.destroyed) return;
    if (this.#effects.isBlackholed) {
      this.#hasLostBytes = true;
      return;
    }
    if (this.#effects.isHalfOpen) {
      this.#heldEnd = how;
      return;
    }
    this.#enqueue(how, this.#delayMs() + this.#effects.slowCloseMs);
    this.#pump();
  }

  #delayMs(): number {
    const { delay } = this.#effects;
    if (delay === null) return 0;
    const drawnMs = drawDelayMs(delay, this.#random);
    this.#watch.delayed(drawnMs);
    return drawnMs;
  }

  /** A chunk never overtakes an earlier one, whatever their jitter is. */
  #enqueue(content: Buffer | "end" | "reset", delayMs: number): void {
    this.#lastDueMs = Math.max(this.#lastDueMs, performance.now() + delayMs);
    const before = this.#line.sizeBytes;
    this.#line.add({ content, dueMs: this.#lastDueMs });
    this.#room.take(this.#line.sizeBytes - before);
  }

  /** Sends what is due, and sets the timer for what is not. */
  #pump(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { isPaused, slice } = this.#effects;
    if (isPaused || this.#line.head === undefined) return;
    // Slices leave in packets of their own; all else that is due leaves in one system call.
    if (slice === null) this.#sink.cork();
    const before = this.#line.sizeBytes;
    const dueInMs = this.#sendDue();
    this.#room.give(before - this.#line.sizeBytes);
    if (slice === null) this.#sink.uncork();
    if (dueInMs === null) return;
    const timerMs = Math.min(Math.ceil(dueInMs), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#pump();
      this.#regulate();
    }, timerMs);
  }

  /** @returns how long the next one waits; null where none does, or the sink is full */
  #sendDue(): number | null {
    const { bytesPerSecond, slice } = this.#effects;
    const nowMs = performance.now();
    for (let head = this.#line.head; head !== undefined; head = this.#line.head) {
      if (this.#sink.writableLength > UNWRITTEN_BYTES) return null;
      const waitMs = Math.max(head.dueMs, this.#freeAtMs) - nowMs;
      if (waitMs > 0) return waitMs;
      const content = this.#line.take(this.#pieceBytes());
      if (typeof content === "string") {
        this.#pass(content);
        continue;
      }
      this.#write(content);
      if (bytesPerSecond !== null) {
        // What a late timer missed is made up for, and a rest earns nothing.
        const fromMs = Math.max(this.#freeAtMs, nowMs - QUANTUM_MS);
        this.#freeAtMs = fromMs + (content.length / bytesPerSecond) * 1000;
      }
      if (slice !== null) this.#freeAtMs = Math.max(this.#freeAtMs, nowMs + slice.delayMs);
    }
    return null;
  }

  #pieceBytes(): number {
    const { bytesPerSecond, slice } = this.#effects;
    const quantum =
      bytesPerSecond === null
        ? Number.POSITIVE_INFINITY
        : Math.max(1, Math.floor((bytesPerSecond * QUANTUM_MS) / 1000));
    return Math.min(quantum, slice?.bytes ?? Number.POSITIVE_INFINITY);
  }

  #pass(how: "end" | "reset"): void {
    if (how === "reset") this.#sink.resetAndDestroy();
    else this.#sink.end();
  }

  /** Reads while there is room for what comes. */
  #regulate(): void {
    const { sizeBytes } = this.#line;
    const hasRoom = sizeBytes < this.#limitBytes() && (sizeBytes === 0 || !this.#room.isFull);
    const reads =
      !this.#effects.isPaused && hasRoom && this.#sink.writableLength <= this.#unwrittenBytes;
    if (reads === this.#isReading) return;
    this.#isReading = reads;
    if (reads) this.#source.socket.resume();
    else this.#source.socket.pause();
  }

  #limitBytes(): number {
    const { bytesPerSecond, slice, delay } = this.#effects;
    if (bytesPerSecond === null && slice === null) return DELAYED_BYTES;
    const onTheWayBytes = ((bytesPerSecond ?? 0) * (delay?.latencyMs ?? 0)) / 1000;
    return Math.min(DELAYED_BYTES, LIMITED_BYTES + onTheWayBytes);
  }

  /** The sink is gone. What its peer would have received is lost, as with a cable. */
  #discard(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#room.give(this.#line.sizeBytes);
    this.#line.clear();
  }
}
