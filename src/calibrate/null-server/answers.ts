/**
 * Owns the bytes that the null server answers with: whole answers of unary calls, made once for any
 * stream, and the frames of streams that stay open.
 */
import {
  Flag,
  FRAME_HEADER_BYTES,
  FrameType,
  writeFrameHeader,
  writeUint32,
} from "../../load/wire/frames.ts";
import { Status } from "../../load/wire/grpc-status.ts";
import { encodeHeaderBlock } from "../../load/wire/hpack/encoder.ts";
import { encodeMessage } from "../../protos.ts";

export const PUT_PATH = "/etcdserverpb.KV/Put";
export const RANGE_PATH = "/etcdserverpb.KV/Range";

/** Also what `calibrate` sends. */
export const KEY_SIZE_BYTES = 8;
export const VAL_SIZE_BYTES = 256;

const GRPC_PREFIX_BYTES = 5;
/** In the fields that etcd answers with. */
const RESPONSE_FIELDS = [
  [":status", "200"],
  ["content-type", "application/grpc"],
] as const;
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

const HEADER = { clusterId: "1", memberId: "1", revision: "1000000", raftTerm: "2" };
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
  ["/etcdserverpb.Lease/LeaseGrant", "etcdserverpb.LeaseGrantResponse", LEASE],
  ["/etcdserverpb.Lease/LeaseRevoke", "etcdserverpb.LeaseRevokeResponse", {}],
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
          ["grpc-message", "the null server does not know this method"],
        ]),
      ],
      0,
    ),
    keepAlive: messageAnswer("etcdserverpb.LeaseKeepAliveResponse", { header: HEADER, ...LEASE }),
    streamHeaders: new Answer([headersFrame(0, RESPONSE_FIELDS)], 0),
    streamTrailers: new Answer([trailersFrame()], 0),
  };
}

/** One message of a stream. */
export function messageAnswer(typeName: string, fields: object): Answer {
  const message = encodeMessage(typeName, fields);
  return new Answer([dataFrame(message)], GRPC_PREFIX_BYTES + message.length);
}

/** The whole of a call that succeeds; a header is put in where `fields` has none. */
export function unaryAnswer(typeName: string, fields: object): Answer {
  const message = encodeMessage(typeName, { header: HEADER, ...fields });
  const frames = [headersFrame(0, RESPONSE_FIELDS), dataFrame(message), trailersFrame()];
  return new Answer(frames, GRPC_PREFIX_BYTES + message.length);
}

function dataFrame(message: Buffer): Buffer {
  const data = Buffer.alloc(FRAME_HEADER_BYTES + GRPC_PREFIX_BYTES + message.length);
  const at = writeFrameHeader(data, 0, GRPC_PREFIX_BYTES + message.length, FrameType.DATA, 0, 0);
  // The prefix starts with 0: not compressed.
  writeUint32(data, at + 1, message.length);
  data.set(message, at + GRPC_PREFIX_BYTES);
  return data;
}

function trailersFrame(): Buffer {
  return headersFrame(Flag.END_STREAM, [
    ["grpc-status", String(Status.OK)],
    ["grpc-message", ""],
  ]);
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
