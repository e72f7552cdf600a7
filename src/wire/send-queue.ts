/**
 * Queues the request bytes that the server's flow-control windows hold back (RFC 9113 section 5.2): the
 * connection's window, and for each stream that is not wholly sent its own. What fits, which is nearly
 * all, only passes through `takeWhole` and, on open streams, `takeWholeOn`.
 */
import {
  ConnectionError,
  copyBytes,
  DEFAULT_INITIAL_WINDOW_SIZE,
  ErrorCode,
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  LARGEST_WINDOW_SIZE,
  writeFrameHeader,
} from "./frames.ts";
import type { Output } from "./output.ts";
import type { PeerSettings } from "./peer-settings.ts";

interface HeldBack {
  streamId: number;
  /** gRPC prefixes included, our own copy once it is held; what is to be sent lies between the two places. */
  bytes: Uint8Array;
  sentBytes: number;
  filledBytes: number;
  /** May go below zero when the peer lowers its initial window (RFC 9113 section 6.9.2). */
  windowBytes: number;
  /** More may follow on it: it keeps its window, and its last frame does not end it. */
  isStream: boolean;
}

const NOTHING = new Uint8Array(0);
/** Room that a stream keeps when it has sent all; there may be thousands of streams. */
const KEPT_BYTES = 1_024;

export class SendQueue {
  readonly #peer: PeerSettings;
  #connectionWindowBytes = DEFAULT_INITIAL_WINDOW_SIZE;
  readonly #held: HeldBack[] = [];
  /** Streams that may send more, whether or not something of theirs is held back now. */
  readonly #openStreams = new Map<number, HeldBack>();

  constructor(peer: PeerSettings) {
    this.#peer = peer;
  }

  get hasWindow(): boolean {
    return this.#connectionWindowBytes > 0;
  }

  isHoldingBack(streamId: number): boolean {
    return this.#held.some((one) => one.streamId === streamId);
  }

  /** True, and the window taken, when a new stream may send `sizeBytes` in one frame at once. */
  takeWhole(sizeBytes: number): boolean {
    if (
      sizeBytes > this.#connectionWindowBytes ||
      sizeBytes > this.#peer.initialWindowSize ||
      sizeBytes > this.#peer.maxFrameSize ||
      this.#held.length > 0
    ) {
      return false;
    }
    this.#connectionWindowBytes -= sizeBytes;
    return true;
  }

  /** Sends of a new stream's message what the windows allow, and queues a copy of the rest. */
  sendOrHold(streamId: number, bytes: Uint8Array, out: Output): void {
    const message: HeldBack = {
      streamId,
      bytes,
      sentBytes: 0,
      filledBytes: bytes.length,
      windowBytes: this.#peer.initialWindowSize,
      isStream: false,
    };
    // What is held already can send nothing now: it passes none of those before it.
    this.#sendSome(message, out);
    const { sentBytes } = message;
    if (sentBytes === bytes.length) return;
    message.bytes = copyBytes(bytes, sentBytes, bytes.length);
    message.filledBytes = message.bytes.length;
    message.sentBytes = 0;
    this.#held.push(message);
  }

  /** A stream on which messages will be sent until it ends. */
  openStream(streamId: number): void {
    this.#openStreams.set(streamId, {
      streamId,
      bytes: NOTHING,
      sentBytes: 0,
      filledBytes: 0,
      windowBytes: this.#peer.initialWindowSize,
      isStream: true,
    });
  }

  /** True, and both windows taken, when an open stream may send `sizeBytes` in one frame at once. */
  takeWholeOn(streamId: number, sizeBytes: number): boolean {
    if (
      sizeBytes > this.#connectionWindowBytes ||
      sizeBytes > this.#peer.maxFrameSize ||
      this.#held.length > 0
    ) {
      return false;
    }
    const stream = this.#openStreams.get(streamId);
    if (stream === undefined || sizeBytes > stream.windowBytes) return false;
    stream.windowBytes -= sizeBytes;
    this.#connectionWindowBytes -= sizeBytes;
    return true;
  }

  /** Sends a message, of which a copy is taken, on an open stream as the windows allow. */
  append(streamId: number, bytes: Uint8Array, out: Output): void {
    const stream = this.#openStreams.get(streamId);
    if (stream === undefined) return;
    if (stream.sentBytes === stream.filledBytes) this.#held.push(stream);
    makeRoom(stream, bytes.length);
    stream.bytes.set(bytes, stream.filledBytes);
    stream.filledBytes += bytes.length;
    this.drain(out);
  }

  /** False when adding to the stream's window overflows it: a stream error. */
  windowUpdate(streamId: number, incrementBytes: number, out: Output): boolean {
    if (streamId === 0) {
      this.#connectionWindowBytes += incrementBytes;
      if (this.#connectionWindowBytes > LARGEST_WINDOW_SIZE) {
        throw new ConnectionError(
          ErrorCode.FLOW_CONTROL_ERROR,
          "WINDOW_UPDATE raises the connection's window above 2^31-1",
        );
      }
    } else {
      const held =
        this.#openStreams.get(streamId) ?? this.#held.find((one) => one.streamId === streamId);
      // A stream that has sent all it has needs no window.
      if (held === undefined) return true;
      held.windowBytes += incrementBytes;
      if (held.windowBytes > LARGEST_WINDOW_SIZE) return false;
    }
    this.drain(out);
    return true;
  }

  /** The peer changed its initial window: every open stream's window moves with it. */
  adjust(deltaBytes: number, out: Output): void {
    const unaryHeld = this.#held.filter((one) => !one.isStream);
    for (const held of [...unaryHeld, ...this.#openStreams.values()]) {
      held.windowBytes += deltaBytes;
      if (held.windowBytes > LARGEST_WINDOW_SIZE) {
        throw new ConnectionError(
          ErrorCode.FLOW_CONTROL_ERROR,
          "SETTINGS_INITIAL_WINDOW_SIZE raises a stream's window above 2^31-1",
        );
      }
    }
    this.drain(out);
  }

  /** Forgets a stream that ended; true when our side of it had not: a request in part, a stream. */
  remove(streamId: number): boolean {
    const wasOpen = this.#openStreams.size > 0 && this.#openStreams.delete(streamId);
    if (this.#held.length === 0) return wasOpen;
    const index = this.#held.findIndex((one) => one.streamId === streamId);
    if (index < 0) return wasOpen;
    this.#held.splice(index, 1);
    return true;
  }

  /** Sends what the windows allow, oldest stream first. */
  drain(out: Output): void {
    let index = 0;
    while (index < this.#held.length && this.#connectionWindowBytes > 0) {
      const held = this.#held[index]!;
      this.#sendSome(held, out);
      if (held.sentBytes < held.filledBytes) {
        index += 1;
        continue;
      }
      this.#held.splice(index, 1);
      held.sentBytes = 0;
      held.filledBytes = 0;
      if (held.bytes.length > KEPT_BYTES) held.bytes = NOTHING;
    }
  }

  #sendSome(held: HeldBack, out: Output): void {
    while (held.sentBytes < held.filledBytes) {
      const sizeBytes = Math.min(
        held.filledBytes - held.sentBytes,
        held.windowBytes,
        this.#connectionWindowBytes,
        this.#peer.maxFrameSize,
      );
      if (sizeBytes <= 0) return;
      const from = held.sentBytes;
      held.sentBytes += sizeBytes;
      held.windowBytes -= sizeBytes;
      this.#connectionWindowBytes -= sizeBytes;
      const isEnd = held.sentBytes === held.filledBytes && !held.isStream;
      const flags = isEnd ? Flag.END_STREAM : 0;
      const start = out.reserve(FRAME_HEADER_BYTES + sizeBytes);
      const at = writeFrameHeader(
        out.buffer,
        start,
        sizeBytes,
        FrameType.DATA,
        flags,
        held.streamId,
      );
      out.buffer.set(held.bytes.subarray(from, held.sentBytes), at);
    }
  }
}

/**
 * After what is filled. Room that was sent is used again only where that is half of all, and more is
 * made by doubling: so an octet is moved a few times at most, however many messages wait with it.
 */
function makeRoom(held: HeldBack, sizeBytes: number): void {
  const { bytes, sentBytes, filledBytes } = held;
  if (filledBytes + sizeBytes <= bytes.length) return;
  const waitingBytes = filledBytes - sentBytes;
  if (2 * (waitingBytes + sizeBytes) <= bytes.length) {
    bytes.copyWithin(0, sentBytes, filledBytes);
  } else {
    held.bytes = new Uint8Array(Math.max(2 * bytes.length, waitingBytes + sizeBytes));
    held.bytes.set(bytes.subarray(sentBytes, filledBytes));
  }
  held.sentBytes = 0;
  held.filledBytes = waitingBytes;
}
