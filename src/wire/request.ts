/**
 * Makes the bytes that this client sends: the opening of a connection, and of each request the header
 * block, encoded once, and the patchable DATA frame.
 */

import {
  CLIENT_PREFACE,
  DEFAULT_INITIAL_WINDOW_SIZE,
  DEFAULT_MAX_FRAME_SIZE,
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  Setting,
  settingsFrame,
  windowUpdateFrame,
  writeFrameHeader,
  writeUint32,
} from "./frames.ts";
import { encodeHeaderBlock } from "./hpack/encoder.ts";
import { MAX_HEADER_LIST_BYTES } from "./known-blocks.ts";
import type { Output } from "./output.ts";
import { CONNECTION_WINDOW_BYTES, STREAM_WINDOW_BYTES } from "./receive-window.ts";
import { CallMode, type SizedTemplate } from "./transport.ts";

const GRPC_PREFIX_BYTES = 5;
/** The offset of the stream id in a frame. */
const STREAM_ID_AT = 5;
/** A longer block, which a long token makes, is cut into frames that every server takes. */
const LONGEST_HEADERS_FRAME = FRAME_HEADER_BYTES + DEFAULT_MAX_FRAME_SIZE;
/** A dynamic table size update to 0 (RFC 7541 section 6.3). */
const TABLE_SIZE_ZERO = Buffer.of(0x20);
/** Views of a template are kept at this many sizes between a power of two and the next. */
const VIEWS_PER_OCTAVE_BITS = 4;

/** Preface, SETTINGS, and the connection's window (RFC 9113 sections 3.4 and 6.9.2). */
export const CLIENT_OPENING = Buffer.concat([
  CLIENT_PREFACE,
  settingsFrame([
    // Without a dynamic table equal header blocks are equal bytes: see known-blocks.ts.
    [Setting.HEADER_TABLE_SIZE, 0],
    [Setting.ENABLE_PUSH, 0],
    [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES],
    [Setting.MAX_HEADER_LIST_SIZE, MAX_HEADER_LIST_BYTES],
  ]),
  windowUpdateFrame(0, CONNECTION_WINDOW_BYTES - DEFAULT_INITIAL_WINDOW_SIZE),
]);

/** A DATA frame that holds one length-prefixed message, for any stream. */
export class WireTemplate implements SizedTemplate {
  readonly path: string;
  /** Place of the path's header block in each connection's list. */
  readonly pathIndex: number;
  readonly bytes: Buffer;
  readonly messageOffset = FRAME_HEADER_BYTES + GRPC_PREFIX_BYTES;
  readonly mode: CallMode;
  /** Of the whole frame, with its header. */
  frameBytes: number;
  /** What is copied to send it: at least the frame, since an exact view would be made each time. */
  frameView: Buffer;
  readonly #views = new Map<number, Buffer>();

  constructor(path: string, pathIndex: number, message: Uint8Array, mode: CallMode) {
    this.path = path;
    this.pathIndex = pathIndex;
    this.mode = mode;
    this.bytes = Buffer.alloc(this.messageOffset + message.length);
    // The frame's length field has 24 bits; a longer message is cut into frames from `payload`,
    // and then this header is not used.
    this.#writeHeader(message.length);
    this.bytes.set(message, this.messageOffset);
    this.frameBytes = this.bytes.length;
    this.frameView = this.bytes;
  }

  get messageBytes(): number {
    return this.frameBytes - this.messageOffset;
  }

  resize(messageBytes: number): void {
    const frameBytes = this.messageOffset + messageBytes;
    if (frameBytes === this.frameBytes) return;
    this.#writeHeader(messageBytes);
    this.frameBytes = frameBytes;
    const step = 1 << Math.max(0, 31 - Math.clz32(frameBytes) - VIEWS_PER_OCTAVE_BITS);
    const viewBytes = Math.min(this.bytes.length, Math.ceil(frameBytes / step) * step);
    let view = this.#views.get(viewBytes);
    if (view === undefined) {
      view = this.bytes.subarray(0, viewBytes);
      this.#views.set(viewBytes, view);
    }
    this.frameView = view;
  }

  /** A frame of its own, which the template's next message does not change. */
  copyFrame(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.frameBytes));
  }

  #writeHeader(messageBytes: number): void {
    const flags = this.mode === CallMode.STREAM ? 0 : Flag.END_STREAM;
    const payloadBytes = (GRPC_PREFIX_BYTES + messageBytes) & 0xffffff;
    const at = writeFrameHeader(this.bytes, 0, payloadBytes, FrameType.DATA, flags, 0);
    // The prefix starts with 0: not compressed.
    writeUint32(this.bytes, at + 1, messageBytes);
  }
}

/** What the requests of a connection have in common. */
export interface ConnectionHeaders {
  scheme: "http" | "https";
  /** `host:port` as the user named it, which is what grpc-go sends too. */
  authority: string;
  /** etcd's, in its own metadata key `token`; null without authentication. */
  token: string | null;
}

/**
 * The HEADERS frame of a unary call, with CONTINUATION frames where its block is longer than a frame
 * may be (RFC 9113 section 6.10); the stream ids at offset 5 of each are to be patched. It carries no
 * grpc-timeout: the deadline is kept on this side and ends in RST_STREAM, so that the server is not
 * made to run a timer per request that etcd's own tool does not ask for either.
 */
export function requestHeadersFrame(path: string, connection: ConnectionHeaders): Buffer {
  const { scheme, authority, token } = connection;
  const block = encodeHeaderBlock([
    [":method", "POST"],
    [":scheme", scheme],
    [":path", path],
    [":authority", authority],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ["user-agent", "etcd-bench"],
    ...(token === null ? [] : [["token", token] as const]),
  ]);
  return headersFrame(block);
}

/**
 * The same HEADERS frame with a block that first sets our dynamic table to no octets. One such update
 * is at most any size that the server may have allowed meanwhile, and the size that we go on with.
 */
export function withTableSizeUpdate(frame: Buffer): Buffer {
  return headersFrame(Buffer.concat([TABLE_SIZE_ZERO, blockOf(frame)]));
}

function headersFrame(block: Uint8Array): Buffer {
  const frames = Math.max(1, Math.ceil(block.length / DEFAULT_MAX_FRAME_SIZE));
  const bytes = Buffer.alloc(frames * FRAME_HEADER_BYTES + block.length);
  let at = 0;
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * DEFAULT_MAX_FRAME_SIZE;
    const part = block.subarray(start, start + DEFAULT_MAX_FRAME_SIZE);
    const type = frame === 0 ? FrameType.HEADERS : FrameType.CONTINUATION;
    const flags = frame === frames - 1 ? Flag.END_HEADERS : 0;
    at = writeFrameHeader(bytes, at, part.length, type, flags, 0);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The header block of what `headersFrame` made. */
function blockOf(frames: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < frames.length; at += LONGEST_HEADERS_FRAME) {
    parts.push(frames.subarray(at + FRAME_HEADER_BYTES, at + LONGEST_HEADERS_FRAME));
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** All frames but the last are of full length, so that the next one begins after as much. */
function patchStreamId(out: Uint8Array, at: number, headers: Buffer, streamId: number): void {
  writeUint32(out, at + STREAM_ID_AT, streamId);
  for (let next = LONGEST_HEADERS_FRAME; next < headers.length; next += LONGEST_HEADERS_FRAME) {
    writeUint32(out, at + next + STREAM_ID_AT, streamId);
  }
}

/**
 * Queues a whole request that the windows allow: its HEADERS and its one DATA frame, which is the
 * first `dataBytes` of `data`.
 */
export function writeRequest(
  output: Output,
  headers: Buffer,
  data: Buffer,
  dataBytes: number,
  streamId: number,
): void {
  const at = output.reserve(headers.length + data.length);
  const out = output.buffer;
  out.set(headers, at);
  patchStreamId(out, at, headers, streamId);
  out.set(data, at + headers.length);
  writeUint32(out, at + headers.length + STREAM_ID_AT, streamId);
  output.giveBack(data.length - dataBytes);
}

/** Queues the DATA frame of one message of a stream, which is the first `dataBytes` of `data`. */
export function writeData(output: Output, data: Buffer, dataBytes: number, streamId: number): void {
  const at = output.reserve(data.length);
  const out = output.buffer;
  out.set(data, at);
  writeUint32(out, at + STREAM_ID_AT, streamId);
  output.giveBack(data.length - dataBytes);
}

export function writeHeaders(output: Output, headers: Buffer, streamId: number): void {
  const at = output.reserve(headers.length);
  output.buffer.set(headers, at);
  patchStreamId(output.buffer, at, headers, streamId);
}
