/**
 * Reads what the frames of an answer mean to a gRPC call (gRPC over HTTP/2, "Responses"): when it has
 * ended, with which status, and whether the stream must be reset. No I/O, and no object per answer: the
 * verdict of the last frame is in the fields.
 */

import { type CallTable, Phase } from "./call-table.ts";
import { ErrorCode } from "./frames.ts";
import { Status, statusOfHttp } from "./grpc-status.ts";
import { STREAM_WINDOW_BYTES } from "./receive-window.ts";
import type { ResponseBlock } from "./response-blocks.ts";
import { type CallListener, CallMode } from "./transport.ts";

/** No RST_STREAM is due. */
export const NO_RESET = -1;

export class Answers {
  readonly #calls: CallTable;
  readonly #listener: CallListener;
  /** The clock read of the current chunk, for the messages in it. */
  nowNs = 0;
  /** Of the call that ended: a gRPC code, and what went wrong. */
  status: number = Status.OK;
  message = "";
  /** With which HTTP/2 error code the stream must be reset, or NO_RESET. */
  resetCode = NO_RESET;

  constructor(calls: CallTable, listener: CallListener) {
    this.#calls = calls;
    this.#listener = listener;
  }

  /** A header block has come; true when the call has ended. */
  headers(slot: number, endStream: boolean, block: ResponseBlock): boolean {
    if (block.fault !== "") return this.#malformed(block.fault);
    if (this.#calls.phase[slot] === Phase.ANSWERING) {
      if (!endStream) return this.#malformed("a second block of response headers");
      if (block.httpStatus !== 0) return this.#malformed("trailers with :status");
      return this.#trailers(slot, block);
    }
    if (block.httpStatus <= 0) return this.#malformed("an answer without a sound :status");
    if (block.httpStatus >= 100 && block.httpStatus < 200) {
      // An interim answer (RFC 9110 section 15.2); it cannot be the last.
      return endStream && this.#malformed("an interim answer that ends the stream");
    }
    if (block.httpStatus !== 200 || !block.isGrpc) return this.#notGrpc(endStream, block);
    if (endStream) return this.#trailers(slot, block);
    this.#calls.phase[slot] = Phase.ANSWERING;
    return false;
  }

  /** DATA has come; `flowBytes` count against the stream's window. True when the call has ended. */
  data(
    slot: number,
    endStream: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    flowBytes: number,
  ): boolean {
    if (this.#calls.phase[slot] !== Phase.ANSWERING) {
      return this.#malformed("DATA came before the response headers");
    }
    const unreportedBytes = this.#calls.unreportedBytes[slot]! + flowBytes;
    if (unreportedBytes > STREAM_WINDOW_BYTES) {
      this.#end(Status.INTERNAL, "the server sent more than the stream's window");
      this.resetCode = ErrorCode.FLOW_CONTROL_ERROR;
      return true;
    }
    this.#calls.unreportedBytes[slot] = unreportedBytes;
    const streamId = this.#calls.streamId[slot]!;
    const fault = this.#calls.scan(slot, bytes, start, end, this.#listener, this.nowNs);
    // The listener that got a message may have cancelled the call.
    if (this.#calls.streamId[slot] !== streamId) return false;
    if (fault !== "") return this.#malformed(fault);
    return endStream && this.#end(Status.INTERNAL, "the answer ended without trailers");
  }

  #trailers(slot: number, { grpcStatus, grpcMessage }: ResponseBlock): boolean {
    if (grpcStatus < 0)
      return this.#end(Status.UNKNOWN, "the trailers hold no grpc-status that is a number");
    if (grpcStatus !== Status.OK) return this.#end(grpcStatus, grpcMessage);
    const mode = this.#calls.mode[slot];
    const isStream =
      mode === CallMode.STREAM || mode === CallMode.ANSWERS || mode === CallMode.SERVER_STREAM;
    const isWhole = this.#calls.isBetweenMessages(slot);
    if (isStream && !isWhole) return this.#end(Status.INTERNAL, "OK within a message");
    if (!isStream && (!isWhole || this.#calls.messages[slot] !== 1)) {
      return this.#end(Status.INTERNAL, "OK without exactly one whole message");
    }
    return this.#end(Status.OK, "");
  }

  /** An HTTP answer that gRPC did not write, a proxy's 503 for one. */
  #notGrpc(endStream: boolean, block: ResponseBlock): boolean {
    const { httpStatus, grpcStatus, grpcMessage, server } = block;
    const from = server === "" ? "" : ` from the server ${JSON.stringify(server)}`;
    if (grpcStatus > 0) {
      this.#end(grpcStatus, grpcMessage);
    } else if (httpStatus === 200) {
      this.#end(Status.UNKNOWN, `the answer's content-type is not gRPC${from}`);
    } else {
      this.#end(statusOfHttp(httpStatus), `HTTP status ${httpStatus}${from}`);
    }
    if (!endStream) this.resetCode = ErrorCode.CANCEL;
    return true;
  }

  /** A stream error (RFC 9113 section 8.1.1): this call fails, the connection goes on. */
  #malformed(reason: string): boolean {
    this.#end(Status.INTERNAL, reason);
    this.resetCode = ErrorCode.PROTOCOL_ERROR;
    return true;
  }

  #end(status: number, message: string): boolean {
    this.status = status;
    this.message = message;
    this.resetCode = NO_RESET;
    return true;
  }
}
