/** Owns the bytes of a request: its header block, encoded once, and its patchable DATA frame. */
import type { RequestTemplate } from "../transport.ts";
import { Flag, FRAME_HEADER_BYTES, FrameType, writeFrameHeader, writeUint32 } from "./frames.ts";
import { encodeHeaderBlock } from "./hpack/encoder.ts";

const GRPC_PREFIX_BYTES = 5;

/** A DATA frame with END_STREAM that holds one length-prefixed message, for any stream. */
export class WireTemplate implements RequestTemplate {
  readonly path: string;
  /** Place of the path's header block in each connection's list. */
  readonly pathIndex: number;
  readonly bytes: Buffer;
  readonly messageOffset = FRAME_HEADER_BYTES + GRPC_PREFIX_BYTES;

  constructor(path: string, pathIndex: number, message: Uint8Array) {
    this.path = path;
    this.pathIndex = pathIndex;
    this.bytes = Buffer.alloc(this.messageOffset + message.length);
    // The frame's length field has 24 bits; a longer message is cut into frames from `payload`,
    // and then this header is not used.
    const payloadBytes = GRPC_PREFIX_BYTES + message.length;
    const at = writeFrameHeader(
      this.bytes,
      0,
      payloadBytes & 0xffffff,
      FrameType.DATA,
      Flag.END_STREAM,
      0,
    );
    // The prefix starts with 0: not compressed.
    writeUint32(this.bytes, at + 1, message.length);
    this.bytes.set(message, this.messageOffset);
  }
}

/**
 * The HEADERS frame of a unary call; the stream id at offset 5 is to be patched. It carries no
 * grpc-timeout: the deadline is kept on this side and ends in RST_STREAM, so that the server is not
 * made to run a timer per request that etcd's own tool does not ask for either.
 */
export function requestHeadersFrame(path: string, authority: string): Buffer {
  const block = encodeHeaderBlock([
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", authority],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ["user-agent", "etcd-bench"],
  ]);
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + block.length);
  const at = writeFrameHeader(frame, 0, block.length, FrameType.HEADERS, Flag.END_HEADERS, 0);
  frame.set(block, at);
  return frame;
}
