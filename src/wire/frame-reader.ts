/**
 * Cuts received bytes into HTTP/2 frames, and checks the rules that a single frame can break. It does
 * no I/O and keeps no stream state: the connection feeds it chunks of any size and gets whole frames,
 * with padding taken off and CONTINUATION frames joined to their HEADERS.
 */
import {
  ConnectionError,
  copyBytes,
  DEFAULT_MAX_FRAME_SIZE,
  ErrorCode,
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  readUint32,
} from "./frames.ts";

/** Far above any gRPC header block; bounds what CONTINUATION frames can make us keep. */
const MAX_HEADER_BLOCK_BYTES = 65_536;

/**
 * Gets each frame. `bytes` is only lent for the call: the socket's buffer is used again. Ranges
 * are [start, end) and hold the payload without padding.
 */
export interface FrameHandler {
  /** `flowBytes` is the whole payload with padding, which is what flow control counts. */
  onData(
    streamId: number,
    endStream: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    flowBytes: number,
  ): void;
  onHeaderBlock(
    streamId: number,
    endStream: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void;
  onRstStream(streamId: number, code: number): void;
  onSettings(bytes: Uint8Array, start: number, end: number): void;
  onSettingsAck(): void;
  onPing(ack: boolean, bytes: Uint8Array, start: number, end: number): void;
  onGoaway(lastStreamId: number, code: number, debugText: string): void;
  onWindowUpdate(streamId: number, incrementBytes: number): void;
}

export class FrameReader {
  readonly #handler: FrameHandler;
  /** A frame that a chunk cut off: its bytes so far. At most one frame of the largest size. */
  readonly #cut = new Uint8Array(FRAME_HEADER_BYTES + DEFAULT_MAX_FRAME_SIZE);
  #cutBytes = 0;
  /** The stream whose header block is still open; 0 when none is. */
  #blockStreamId = 0;
  #blockEndsStream = false;
  #block: Uint8Array[] = [];
  #blockBytes = 0;
  #seenFirstFrame = false;
  #isStopped = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Takes `bytes[start, end)`. Throws ConnectionError where the peer breaks a rule. */
  read(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isStopped) return;
    let at = start;
    if (this.#cutBytes > 0) {
      at = this.#completeCut(bytes, at, end);
      if (this.#cutBytes > 0) return;
    }
    while (end - at >= FRAME_HEADER_BYTES && !this.#isStopped) {
      const length = payloadLength(bytes, at);
      if (length > DEFAULT_MAX_FRAME_SIZE) throw this.#frameTooLong(length);
      const next = at + FRAME_HEADER_BYTES + length;
      if (next > end) break;
      this.#frame(bytes, at, next);
      at = next;
    }
    if (at < end && !this.#isStopped) {
      this.#cut.set(bytes.subarray(at, end), 0);
      this.#cutBytes = end - at;
    }
  }

  /** Nothing more is handled, the rest of the current chunk included. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Fills up the frame that the last chunk cut off; returns where the next one starts. */
  #completeCut(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    if (this.#cutBytes < FRAME_HEADER_BYTES) {
      at = this.#fillCut(bytes, at, end, FRAME_HEADER_BYTES);
      if (this.#cutBytes < FRAME_HEADER_BYTES) return at;
    }
    const length = payloadLength(this.#cut, 0);
    if (length > DEFAULT_MAX_FRAME_SIZE) throw this.#frameTooLong(length);
    const whole = FRAME_HEADER_BYTES + length;
    at = this.#fillCut(bytes, at, end, whole);
    if (this.#cutBytes === whole) {
      this.#cutBytes = 0;
      this.#frame(this.#cut, 0, whole);
    }
    return at;
  }

  #fillCut(bytes: Uint8Array, at: number, end: number, wantedBytes: number): number {
    const taken = Math.min(wantedBytes - this.#cutBytes, end - at);
    this.#cut.set(bytes.subarray(at, at + taken), this.#cutBytes);
    this.#cutBytes += taken;
    return at + taken;
  }

  #frameTooLong(length: number): ConnectionError {
    // Text of another protocol reads as an absurd length: `HTTP` is 4,740,180 bytes.
    if (!this.#seenFirstFrame) return protocolError("the server does not speak HTTP/2");
    return new ConnectionError(
      ErrorCode.FRAME_SIZE_ERROR,
      `a frame of ${length} bytes is above the limit of ${DEFAULT_MAX_FRAME_SIZE}`,
    );
  }

  #frame(bytes: Uint8Array, at: number, end: number): void {
    const type = bytes[at + 3]!;
    const flags = bytes[at + 4]!;
    // The highest bit is reserved and ignored (RFC 9113 section 4.1).
    const streamId = readUint32(bytes, at + 5) & 0x7fffffff;
    const start = at + FRAME_HEADER_BYTES;
    if (this.#blockStreamId !== 0 && type !== FrameType.CONTINUATION) {
      throw protocolError("a frame lies between HEADERS and its CONTINUATION");
    }
    if (!this.#seenFirstFrame) {
      // RFC 9113 section 3.4: a server's preface is a SETTINGS frame.
      if (type !== FrameType.SETTINGS || (flags & Flag.ACK) !== 0) {
        throw protocolError("the first frame is not SETTINGS");
      }
      this.#seenFirstFrame = true;
    }
    switch (type) {
      case FrameType.DATA:
        this.#data(flags, streamId, bytes, start, end);
        break;
      case FrameType.HEADERS:
        this.#headers(flags, streamId, bytes, start, end);
        break;
      case FrameType.CONTINUATION:
        this.#continuation(flags, streamId, bytes, start, end);
        break;
      default:
        this.#control(type, flags, streamId, bytes, start, end);
        break;
    }
  }

  #data(flags: number, streamId: number, bytes: Uint8Array, start: number, end: number): void {
    if (streamId === 0) throw protocolError("DATA on stream 0");
    const endStream = (flags & Flag.END_STREAM) !== 0;
    if ((flags & Flag.PADDED) === 0) {
      this.#handler.onData(streamId, endStream, bytes, start, end, end - start);
    } else {
      const dataEnd = withoutPadding(bytes, start, end);
      this.#handler.onData(streamId, endStream, bytes, start + 1, dataEnd, end - start);
    }
  }

  #headers(flags: number, streamId: number, bytes: Uint8Array, start: number, end: number): void {
    if (streamId === 0) throw protocolError("HEADERS on stream 0");
    let blockStart = start;
    let blockEnd = end;
    if ((flags & Flag.PADDED) !== 0) {
      blockEnd = withoutPadding(bytes, start, end);
      blockStart += 1;
    }
    if ((flags & Flag.PRIORITY) !== 0) {
      blockStart += 5;
      if (blockStart > blockEnd) {
        throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "HEADERS cut its priority short");
      }
    }
    const endStream = (flags & Flag.END_STREAM) !== 0;
    if ((flags & Flag.END_HEADERS) !== 0) {
      this.#handler.onHeaderBlock(streamId, endStream, bytes, blockStart, blockEnd);
      return;
    }
    this.#blockStreamId = streamId;
    this.#blockEndsStream = endStream;
    this.#keepFragment(bytes, blockStart, blockEnd);
  }

  #continuation(
    flags: number,
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (this.#blockStreamId === 0 || streamId !== this.#blockStreamId) {
      throw protocolError("CONTINUATION without its HEADERS");
    }
    this.#keepFragment(bytes, start, end);
    if ((flags & Flag.END_HEADERS) === 0) return;
    const block = Buffer.concat(this.#block, this.#blockBytes);
    this.#block = [];
    this.#blockBytes = 0;
    this.#blockStreamId = 0;
    this.#handler.onHeaderBlock(streamId, this.#blockEndsStream, block, 0, block.length);
  }

  #keepFragment(bytes: Uint8Array, start: number, end: number): void {
    this.#blockBytes += end - start;
    // Empty fragments count too: an endless run of them must not grow the list for ever.
    if (this.#blockBytes > MAX_HEADER_BLOCK_BYTES || this.#block.length > 64) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "a header block is too long");
    }
    this.#block.push(copyBytes(bytes, start, end));
  }

  #control(
    type: number,
    flags: number,
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const length = end - start;
    switch (type) {
      case FrameType.PRIORITY:
        // Deprecated and ignored (RFC 9113 section 5.3.2), but its shape still counts.
        if (streamId === 0) throw protocolError("PRIORITY on stream 0");
        expectLength("PRIORITY", length, 5);
        return;
      case FrameType.RST_STREAM:
        if (streamId === 0) throw protocolError("RST_STREAM on stream 0");
        expectLength("RST_STREAM", length, 4);
        this.#handler.onRstStream(streamId, readUint32(bytes, start));
        break;
      case FrameType.SETTINGS:
        if (streamId !== 0) throw protocolError("SETTINGS on a stream");
        if ((flags & Flag.ACK) !== 0) {
          expectLength("SETTINGS with ACK", length, 0);
          this.#handler.onSettingsAck();
          break;
        }
        if (length % 6 !== 0) expectLength("SETTINGS", length, length - (length % 6));
        this.#handler.onSettings(bytes, start, end);
        break;
      case FrameType.PUSH_PROMISE:
        throw protocolError("PUSH_PROMISE although push is disabled");
      case FrameType.PING:
        if (streamId !== 0) throw protocolError("PING on a stream");
        expectLength("PING", length, 8);
        this.#handler.onPing((flags & Flag.ACK) !== 0, bytes, start, end);
        break;
      case FrameType.GOAWAY: {
        if (streamId !== 0) throw protocolError("GOAWAY on a stream");
        if (length < 8) expectLength("GOAWAY", length, 8);
        const debugText = Buffer.from(copyBytes(bytes, start + 8, end)).toString("utf8");
        const lastStreamId = readUint32(bytes, start) & 0x7fffffff;
        this.#handler.onGoaway(lastStreamId, readUint32(bytes, start + 4), debugText);
        break;
      }
      case FrameType.WINDOW_UPDATE:
        expectLength("WINDOW_UPDATE", length, 4);
        this.#handler.onWindowUpdate(streamId, readUint32(bytes, start) & 0x7fffffff);
        break;
      default:
        // Unknown types are ignored (RFC 9113 section 4.1).
        break;
    }
  }
}

function payloadLength(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
}

/** The end of the payload before the padding (RFC 9113 section 6.1). */
function withoutPadding(bytes: Uint8Array, start: number, end: number): number {
  if (end === start) {
    throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a padded frame has no pad length");
  }
  const dataEnd = end - bytes[start]!;
  if (dataEnd < start + 1) throw protocolError("padding is longer than its frame");
  return dataEnd;
}

function expectLength(name: string, length: number, expected: number): void {
  if (length === expected) return;
  throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `${name} has ${length} bytes`);
}

function protocolError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
}
