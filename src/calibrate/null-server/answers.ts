/** Owns the bytes that the null server answers with: whole answers, made once, for any stream. */
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

export interface Answers {
  put: Answer;
  /** One key of 8 bytes with 256 bytes of value. */
  range: Answer;
  /** To every other path. */
  unimplemented: Answer;
}

export function makeAnswers(): Answers {
  const header = { clusterId: "1", memberId: "1", revision: "1000000", raftTerm: "2" };
  const kv = {
    key: Buffer.alloc(KEY_SIZE_BYTES, 1),
    value: Buffer.alloc(VAL_SIZE_BYTES, 2),
    createRevision: "2",
    modRevision: "2",
    version: "1",
  };
  return {
    put: success(encodeMessage("etcdserverpb.PutResponse", { header })),
    range: success(encodeMessage("etcdserverpb.RangeResponse", { header, kvs: [kv], count: "1" })),
    unimplemented: new Answer(
      [
        headersFrame(Flag.END_STREAM, [
          [":status", "200"],
          ["content-type", "application/grpc"],
          ["grpc-status", String(Status.UNIMPLEMENTED)],
          ["grpc-message", "the null server knows Put and Range alone"],
        ]),
      ],
      0,
    ),
  };
}

/** In the fields that etcd answers with. */
function success(message: Buffer): Answer {
  const data = Buffer.alloc(FRAME_HEADER_BYTES + GRPC_PREFIX_BYTES + message.length);
  const flowBytes = GRPC_PREFIX_BYTES + message.length;
  const at = writeFrameHeader(data, 0, flowBytes, FrameType.DATA, 0, 0);
  // The prefix starts with 0: not compressed.
  writeUint32(data, at + 1, message.length);
  data.set(message, at + GRPC_PREFIX_BYTES);
  const headers = headersFrame(0, [
    [":status", "200"],
    ["content-type", "application/grpc"],
  ]);
  const trailers = headersFrame(Flag.END_STREAM, [
    ["grpc-status", String(Status.OK)],
    ["grpc-message", ""],
  ]);
  return new Answer([headers, data, trailers], flowBytes);
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
