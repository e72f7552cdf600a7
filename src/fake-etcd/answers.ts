/**
 * Owns the bytes that the null server answers with: whole answers of unary calls, made once for any
 * stream, and the frames of streams that stay open.
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
import { encodeMessage } from "../protos.ts";
import { FIRST_REVISION, headerFields } from "./response-header.ts";

export const PUT_PATH = "/etcdserverpb.KV/Put";
export const RANGE_PATH = "/etcdserverpb.KV/Range";

/** Also what `calibrate` sends. */
export const KEY_SIZE_BYTES = 8;
export const VAL_SIZE_BYTES = 256;

const GRPC_PREFIX_BYTES = 5;
/** Of a DATA frame: the client has not allowed more (RFC 9113 section 6.5.2). */
const MAX_FRAME_BYTES = 16_384;
/** In the fields that etcd answers with. */
const RESPONSE_FIELDS = [
  [":status", "200"],
  ["content-type", "application/grpc"],
] as const;
const RESPONSE_HEADERS = headersFrame(0, RESPONSE_FIELDS);
const RESPONSE_TRAILERS = headersFrame(Flag.END_STREAM, [
  ["grpc-status", String(Status.OK)],
  ["grpc-message", ""],
]);
/** Where in a frame its stream id stands. */
const STREAM_ID_AT = 5;

/** Frames of one answer in their order. */
export class Answer {
  readonly bytes: Buffer;
  /** Where the frames start. */
  readonly #frameOffsets: readonly number[];
  /** What flow control counts of it. */
  readonly flowBytes: number;

  constructor(frames: readonly Buffer[], flowBytes: number) {
    this.bytes = Buffer.concat(frames);
    let at = 0;
    this.#frameOffsets = frames.map((frame) => {
      at += frame.length;
      return at - frame.length;
    });
    this.flowBytes = flowBytes;
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

const HEADER = headerFields(FIRST_REVISION);
/** One key of 8 bytes with 256 bytes of value. */
const KEY_VALUE = {
  key: Buffer.alloc(KEY_SIZE_BYTES, 1),
  value: Buffer.alloc(VAL_SIZE_BYTES, 2),
  createRevision: "2",
  modRevision: "2",
  version: "1",
};
const LEASE = { ID: "7587", TTL: "100" };

/** Unary calls by their path: what an etcd says to which all is right. */
const UNARY: readonly (readonly [path: string, typeName: string, fields: object])[] = [
  [PUT_PATH, "etcdserverpb.PutResponse", {}],
  [RANGE_PATH, "etcdserverpb.RangeResponse", { kvs: [KEY_VALUE], count: "1" }],
  // Commits; a transaction's answers are not read where it did.
  ["/etcdserverpb.KV/Txn", "etcdserverpb.TxnResponse", { succeeded: true }],
  ["/etcdserverpb.KV/DeleteRange", "etcdserverpb.DeleteRangeResponse", { deleted: "1" }],
  ["/etcdserverpb.KV/Compact", "etcdserverpb.CompactionResponse", {}],
  ["/etcdserverpb.Lease/LeaseGrant", "etcdserverpb.LeaseGrantResponse", LEASE],
  ["/etcdserverpb.Lease/LeaseRevoke", "etcdserverpb.LeaseRevokeResponse", {}],
  ["/etcdserverpb.Maintenance/Defragment", "etcdserverpb.DefragmentResponse", {}],
];

export const WATCH_PATH = "/etcdserverpb.Watch/Watch";
export const KEEP_ALIVE_PATH = "/etcdserverpb.Lease/LeaseKeepAlive";

export interface Answers {
  /** By path. */
  unary: ReadonlyMap<string, Answer>;
  /** To every other path. */
  unimplemented: Answer;
  /** To each message of a stream of keep-alives. */
  keepAlive: Answer;
  /** Before the first and after the last message of a stream. */
  streamHeaders: Answer;
  streamTrailers: Answer;
}

export function makeAnswers(): Answers {
  return {
    unary: new Map(UNARY.map(([path, typeName, fields]) => [path, unaryAnswer(typeName, fields)])),
    unimplemented: new Answer(
      [
        headersFrame(Flag.END_STREAM, [
          ...RESPONSE_FIELDS,
          ["grpc-status", String(Status.UNIMPLEMENTED)],
          ["grpc-message", "the null server does not know this request"],
        ]),
      ],
      0,
    ),
    keepAlive: messageAnswer("etcdserverpb.LeaseKeepAliveResponse", { header: HEADER, ...LEASE }),
    streamHeaders: new Answer([RESPONSE_HEADERS], 0),
    streamTrailers: new Answer([RESPONSE_TRAILERS], 0),
  };
}

/** One message of a stream. */
export function messageAnswer(typeName: string, fields: object): Answer {
  return new Answer(...dataFrames(encodeMessage(typeName, fields)));
}

/** The whole of a call that succeeds; a header is put in where `fields` has none. */
export function unaryAnswer(typeName: string, fields: object): Answer {
  return wholeAnswer(encodeMessage(typeName, { header: HEADER, ...fields }));
}

/** The whole of a call that succeeds with `message`. */
export function wholeAnswer(message: Uint8Array): Answer {
  const [frames, flowBytes] = dataFrames(message);
  return new Answer([RESPONSE_HEADERS, ...frames, RESPONSE_TRAILERS], flowBytes);
}

/**
 * One message in parts that a window need not hold together: a frame each, of `mostBytes` of flow
 * control at most. One of a single frame fits into any window that there is.
 */
export function messagePieces(message: Uint8Array, mostBytes = MAX_FRAME_BYTES): Answer[] {
  const [frames] = dataFrames(message, Math.min(MAX_FRAME_BYTES, mostBytes));
  return frames.map((frame) => new Answer([frame], frame.length - FRAME_HEADER_BYTES));
}

export function fitsOneFrame(message: Uint8Array): boolean {
  return GRPC_PREFIX_BYTES + message.length <= MAX_FRAME_BYTES;
}

function dataFrames(
  message: Uint8Array,
  mostBytes = MAX_FRAME_BYTES,
): [frames: Buffer[], flowBytes: number] {
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
  return [frames, flowBytes];
}

function headersFrame(flags: number, fields: readonly (readonly [string, string])[]): Buffer {
  const block = encodeHeaderBlock(fields);
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + block.length);
  const at = writeFrameHeader(
    frame,
    0,
    block.length,
    FrameType.HEADERS,
    flags | Flag.END_HEADERS,
    0,
  );
  frame.set(block, at);
  return frame;
}
