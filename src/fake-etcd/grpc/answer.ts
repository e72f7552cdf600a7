/**
 * The bytes that a server answers with: whole answers of unary calls, made once for any stream, and
 * the frames of streams that stay open.
 */
import { Status } from "#wire";
import {
  encodeHeaderBlock,
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  writeFrameHeader,
  writeUint32,
} from "#wire/framing";

const GRPC_PREFIX_BYTES = 5;
/** Of a DATA frame: the client has not allowed more (RFC 9113 section 6.5.2). */
export const MAX_FRAME_BYTES = 16_384;
/** The offset of the stream id in a frame's header (RFC 9113 section 4.1). */
const STREAM_ID_AT = 5;
/** In the order in which etcd sends them. */
const RESPONSE_FIELDS = [
  [":status", "200"],
  ["content-type", "application/grpc"],
] as const;

type HeaderField = readonly [name: string, value: string];

/** Frames that are sent together, in their order. */
export class Answer {
  readonly bytes: Buffer;
  readonly #frameOffsets: readonly number[];
  /** The octets that flow control counts. */
  readonly flowBytes: number;
  /** The message of a whole answer, for clients whose window does not hold it; else null. */
  readonly message: Uint8Array | null;

  constructor(frames: readonly Buffer[], flowBytes: number, message: Uint8Array | null = null) {
    this.bytes = frames.length === 1 ? frames[0]! : Buffer.concat(frames);
    let at = 0;
    this.#frameOffsets = frames.map((frame) => {
      at += frame.length;
      return at - frame.length;
    });
    this.flowBytes = flowBytes;
    this.message = message;
  }

  /** Writes it for `streamId` at `at`, where there must be room. */
  write(out: Buffer, at: number, streamId: number): void {
    out.set(this.bytes, at);
    const offsets = this.#frameOffsets;
    for (let index = 0; index < offsets.length; index++) {
      writeUint32(out, at + offsets[index]! + STREAM_ID_AT, streamId);
    }
  }
}

const RESPONSE_HEADERS = headersFrame(RESPONSE_FIELDS, false);
const RESPONSE_TRAILERS = headersFrame(statusFields(Status.OK, ""), true);

/** Before the first message of a stream. */
export const STREAM_HEADERS = new Answer([RESPONSE_HEADERS], 0);

/** The whole of a call that succeeds with `message`. */
export function wholeAnswer(message: Uint8Array): Answer {
  const frames = dataFrames(message, MAX_FRAME_BYTES);
  const flowBytes = GRPC_PREFIX_BYTES + message.length;
  return new Answer([RESPONSE_HEADERS, ...frames, RESPONSE_TRAILERS], flowBytes, message);
}

/** The whole of a call that fails. */
export function failure(status: number, message: string): Answer {
  return headersAnswer([...RESPONSE_FIELDS, ...statusFields(status, message)], true);
}

/** After the last message of a stream. */
export function trailers(status: number, message: string): Answer {
  return headersAnswer(statusFields(status, message), true);
}

/** One block of headers, which ends the stream or not. */
export function headersAnswer(fields: readonly HeaderField[], endsStream: boolean): Answer {
  return new Answer([headersFrame(fields, endsStream)], 0);
}

/**
 * One message of a stream in parts that a window need not hold together: a frame each, of `mostBytes`
 * of flow control at most, which is more than gRPC's prefix.
 */
export function messagePieces(message: Uint8Array, mostBytes = MAX_FRAME_BYTES): Answer[] {
  return dataFrames(message, Math.min(MAX_FRAME_BYTES, mostBytes)).map(
    (frame) => new Answer([frame], frame.length - FRAME_HEADER_BYTES),
  );
}

function dataFrames(message: Uint8Array, mostBytes: number): Buffer[] {
  const flowBytes = GRPC_PREFIX_BYTES + message.length;
  const frames: Buffer[] = [];
  for (let from = 0; from < flowBytes; from += mostBytes) {
    const bytes = Math.min(mostBytes, flowBytes - from);
    const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + bytes);
    let at = writeFrameHeader(frame, 0, bytes, FrameType.DATA, 0, 0);
    if (from === 0) {
      // Not compressed.
      frame[at] = 0;
      writeUint32(frame, at + 1, message.length);
      at += GRPC_PREFIX_BYTES;
    }
    frame.set(
      message.subarray(Math.max(0, from - GRPC_PREFIX_BYTES), from + bytes - GRPC_PREFIX_BYTES),
      at,
    );
    frames.push(frame);
  }
  return frames;
}

function headersFrame(fields: readonly HeaderField[], endsStream: boolean): Buffer {
  const block = encodeHeaderBlock(fields);
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + block.length);
  const flags = Flag.END_HEADERS | (endsStream ? Flag.END_STREAM : 0);
  const at = writeFrameHeader(frame, 0, block.length, FrameType.HEADERS, flags, 0);
  frame.set(block, at);
  return frame;
}

function statusFields(status: number, message: string): HeaderField[] {
  return [
    ["grpc-status", String(status)],
    ["grpc-message", percentEncoded(message)],
  ];
}

/** As gRPC over HTTP/2 has it for Status-Message: UTF-8, all but printable ASCII without "%". */
function percentEncoded(text: string): string {
  return Array.from(Buffer.from(text), (octet) =>
    octet >= 0x20 && octet <= 0x7e && octet !== 0x25
      ? String.fromCharCode(octet)
      : `%${octet.toString(16).toUpperCase().padStart(2, "0")}`,
  ).join("");
}
