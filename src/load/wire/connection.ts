/**
 * Owns one HTTP/2 connection of a gRPC client (RFC 9113): frames in, calls' outcomes and frames
 * out, over a socket that channel.ts opened and reads. It ends once and is then replaced.
 */
import type { Socket } from "node:net";
import { nowNs } from "../clock.ts";
import type { CallListener } from "../transport.ts";
import { type CallTable, Phase } from "./call-table.ts";
import { type FrameHandler, FrameReader } from "./frame-reader.ts";
import {
  CLIENT_PREFACE,
  ConnectionError,
  DEFAULT_INITIAL_WINDOW_SIZE,
  ErrorCode,
  errorCodeName,
  FRAME_HEADER_BYTES,
  goawayFrame,
  pingAckFrame,
  rstStreamFrame,
  Setting,
  settingsAckFrame,
  settingsFrame,
  windowUpdateFrame,
  writeUint32,
} from "./frames.ts";
import { Status, statusOfHttp, statusOfReset } from "./grpc-status.ts";
import { Output } from "./output.ts";
import { PeerSettings } from "./peer-settings.ts";
import { CONNECTION_WINDOW_BYTES, ReceiveWindow, STREAM_WINDOW_BYTES } from "./receive-window.ts";
import { ResponseBlocks } from "./response-blocks.ts";
import { SendQueue } from "./send-queue.ts";
import { StreamTable } from "./stream-table.ts";

/** Where in a frame its stream id stands. */
const STREAM_ID_AT = 5;
/** A peer that makes us answer more than it reads is cut off here, before memory grows. */
const MAX_UNREAD_REPLY_BYTES = 4 * 1024 * 1024;

/** Hears of the connection's own life; calls are reported to the listener. */
export interface ConnectionOwner {
  /** The server's SETTINGS are here: calls may start. */
  onReady(): void;
  /** There may be room for a waiting call. */
  onRoom(): void;
  /** No new streams here (GOAWAY, or the ids are used up); open ones still end. */
  onDraining(): void;
  /** It is over. Comes before the calls that it takes along are reported. */
  onClosed(reason: string): void;
}

export class Connection implements FrameHandler {
  readonly #socket: Socket;
  readonly #headersFrames: readonly Buffer[];
  readonly #calls: CallTable;
  readonly #listener: CallListener;
  readonly #owner: ConnectionOwner;
  readonly #reader = new FrameReader(this);
  readonly #output = new Output();
  readonly #peer = new PeerSettings();
  readonly #sendQueue = new SendQueue(this.#peer);
  readonly #receiveWindow = new ReceiveWindow();
  readonly #blocks = new ResponseBlocks();
  readonly #streams: StreamTable;
  #isReady = false;
  #isDraining = false;
  #isClosed = false;
  /** What the server said when it asked us to leave, for the calls that the close takes along. */
  #goawayReason = "";
  /** The clock read of the chunk at hand. */
  #nowNs = 0;
  /** Calls that got an answer: tells a server that works from one that only accepts. */
  answeredCalls = 0;

  constructor(
    socket: Socket,
    headersFrames: readonly Buffer[],
    calls: CallTable,
    listener: CallListener,
    owner: ConnectionOwner,
    firstStreamId?: number,
  ) {
    this.#socket = socket;
    this.#headersFrames = headersFrames;
    this.#calls = calls;
    this.#listener = listener;
    this.#owner = owner;
    this.#streams = new StreamTable(firstStreamId);
    this.#output.append(CLIENT_PREFACE);
    this.#output.append(
      settingsFrame([
        // Without a dynamic table equal header blocks are equal bytes: see response-blocks.ts.
        [Setting.HEADER_TABLE_SIZE, 0],
        [Setting.ENABLE_PUSH, 0],
        [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES],
      ]),
    );
    const increment = CONNECTION_WINDOW_BYTES - DEFAULT_INITIAL_WINDOW_SIZE;
    this.#output.append(windowUpdateFrame(0, increment));
    this.flush();
  }

  /** Whether the server's SETTINGS ever came. */
  get wasReady(): boolean {
    return this.#isReady;
  }

  /** Whether a new call may go on a stream at once. */
  get hasRoom(): boolean {
    return (
      this.#isReady &&
      !this.#isDraining &&
      !this.#isClosed &&
      this.#streams.open < this.#peer.maxConcurrentStreams
    );
  }

  /** Starts a call; `hasRoom` must hold. `frame` is a template's DATA frame, copied here. */
  start(slot: number, pathIndex: number, frame: Buffer): void {
    const headers = this.#headersFrames[pathIndex]!;
    const streamId = this.#streams.add(slot);
    this.#calls.open(slot, streamId);
    const payloadBytes = frame.length - FRAME_HEADER_BYTES;
    if (this.#sendQueue.takeWhole(payloadBytes)) {
      const at = this.#output.reserve(headers.length + frame.length);
      const out = this.#output.buffer;
      out.set(headers, at);
      writeUint32(out, at + STREAM_ID_AT, streamId);
      out.set(frame, at + headers.length);
      writeUint32(out, at + headers.length + STREAM_ID_AT, streamId);
    } else {
      const at = this.#output.reserve(headers.length);
      this.#output.buffer.set(headers, at);
      writeUint32(this.#output.buffer, at + STREAM_ID_AT, streamId);
      this.#sendQueue.hold(streamId, frame.subarray(FRAME_HEADER_BYTES), this.#output);
    }
    if (!this.#streams.hasIds) this.#drain();
  }

  /** Ends a call on this side, unreported. */
  cancel(slot: number): void {
    const streamId = this.#calls.streamId[slot]!;
    if (this.#streams.slotOf(streamId) !== slot) return;
    this.#reset(streamId, ErrorCode.CANCEL);
    this.#release(slot, streamId);
    this.#afterRelease();
  }

  flush(): void {
    if (!this.#isClosed) this.#output.flush(this.#socket);
  }

  /** Takes bytes from the socket and ends every call that they complete. */
  received(bytes: Uint8Array, lengthBytes: number): void {
    if (this.#isClosed) return;
    this.#nowNs = nowNs();
    try {
      this.#reader.read(bytes, 0, lengthBytes);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.fail(error);
    }
  }

  /** Tells the peer which rule it broke, and closes (RFC 9113 section 5.4.1). */
  fail(error: ConnectionError): void {
    if (this.#isClosed) return;
    this.#output.append(goawayFrame(error.code));
    this.flush();
    this.close(`the server broke HTTP/2: ${error.message} (${errorCodeName(error.code)})`);
  }

  /** Ends the connection; its calls in flight end as UNAVAILABLE with `reason`. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reader.stop();
    this.#socket.destroySoon();
    this.#owner.onClosed(reason);
    this.#nowNs = nowNs();
    const message = this.#goawayReason === "" ? reason : `${reason} (${this.#goawayReason})`;
    for (const [streamId, slot] of this.#streams.openAbove(0)) {
      this.#release(slot, streamId);
      this.#listener.onCallEnd(slot, Status.UNAVAILABLE, message, this.#nowNs);
    }
  }

  onData(
    streamId: number,
    endStream: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    flowBytes: number,
  ): void {
    const increment = this.#receiveWindow.received(flowBytes);
    if (increment > 0) this.#reply(windowUpdateFrame(0, increment));
    const slot = this.#slotOrClosed(streamId, "DATA");
    if (slot < 0) return;
    if (this.#calls.phase[slot] !== Phase.ANSWERING) {
      this.#malformed(slot, streamId, "DATA came before the response headers");
      return;
    }
    const fault = this.#calls.scan(slot, bytes, start, end);
    if (fault !== "") {
      this.#malformed(slot, streamId, fault);
    } else if (endStream) {
      this.#finish(slot, streamId, Status.INTERNAL, "the answer ended without trailers");
    } else {
      this.#countStreamBytes(slot, streamId, flowBytes);
    }
  }

  onHeaderBlock(
    streamId: number,
    endStream: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    // Read even for a stream that is gone: the block may change the decoder's state.
    const block = this.#blocks.read(bytes, start, end);
    const slot = this.#slotOrClosed(streamId, "HEADERS");
    if (slot < 0) return;
    if (this.#calls.phase[slot] === Phase.ANSWERING) {
      if (!endStream) this.#malformed(slot, streamId, "a second block of response headers");
      else if (block.httpStatus !== 0) this.#malformed(slot, streamId, "trailers with :status");
      else this.#trailers(slot, streamId, block.grpcStatus, block.grpcMessage);
      return;
    }
    if (block.httpStatus >= 100 && block.httpStatus < 200 && !endStream) return;
    if (block.httpStatus !== 200 || !block.isGrpc) {
      this.#notGrpc(
        slot,
        streamId,
        endStream,
        block.httpStatus,
        block.grpcStatus,
        block.grpcMessage,
      );
    } else if (endStream) {
      this.#trailers(slot, streamId, block.grpcStatus, block.grpcMessage);
    } else {
      this.#calls.phase[slot] = Phase.ANSWERING;
    }
  }

  onRstStream(streamId: number, code: number): void {
    const slot = this.#slotOrClosed(streamId, "RST_STREAM");
    if (slot < 0) return;
    this.#sendQueue.remove(streamId);
    this.#release(slot, streamId);
    if (code === ErrorCode.REFUSED_STREAM) {
      this.#listener.onCallUnprocessed(slot, this.#nowNs);
    } else {
      const reason = `the server reset the stream (${errorCodeName(code)})`;
      this.#listener.onCallEnd(slot, statusOfReset(code), reason, this.#nowNs);
    }
    this.#afterRelease();
  }

  onSettings(bytes: Uint8Array, start: number, end: number): void {
    const windowDelta = this.#peer.apply(bytes, start, end);
    this.#reply(settingsAckFrame());
    if (windowDelta !== 0) this.#sendQueue.adjust(windowDelta, this.#output);
    if (!this.#isReady) {
      this.#isReady = true;
      this.#owner.onReady();
    }
    this.#owner.onRoom();
  }

  onSettingsAck(): void {
    // The block cache holds either way, so nothing waits for the acknowledgement.
  }

  onPing(ack: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (!ack) this.#reply(pingAckFrame(bytes.subarray(start, end)));
  }

  onGoaway(lastStreamId: number, code: number, debugText: string): void {
    this.#drain();
    for (const [streamId, slot] of this.#streams.openAbove(lastStreamId)) {
      this.#sendQueue.remove(streamId);
      this.#release(slot, streamId);
      this.#listener.onCallUnprocessed(slot, this.#nowNs);
    }
    this.#goawayReason = `GOAWAY, ${errorCodeName(code)}`;
    if (debugText !== "") this.#goawayReason += `, ${debugText.slice(0, 100)}`;
    this.#closeIfDrained();
  }

  onWindowUpdate(streamId: number, incrementBytes: number): void {
    if (streamId !== 0) {
      const slot = this.#slotOrClosed(streamId, "WINDOW_UPDATE");
      if (slot < 0) return;
      if (incrementBytes === 0) {
        this.#malformed(slot, streamId, "WINDOW_UPDATE of 0");
      } else if (!this.#sendQueue.windowUpdate(streamId, incrementBytes, this.#output)) {
        this.#reset(streamId, ErrorCode.FLOW_CONTROL_ERROR);
        this.#finish(slot, streamId, Status.INTERNAL, "the stream's window went above 2^31-1");
      }
      return;
    }
    if (incrementBytes === 0) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0");
    }
    this.#sendQueue.windowUpdate(0, incrementBytes, this.#output);
  }

  /** The slot of an open stream, -1 for one that has ended; a stream never opened is an error. */
  #slotOrClosed(streamId: number, frame: string): number {
    const slot = this.#streams.slotOf(streamId);
    if (slot < 0 && this.#streams.isIdle(streamId)) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `${frame} on a stream never opened`);
    }
    return slot;
  }

  #trailers(slot: number, streamId: number, grpcStatus: number, grpcMessage: string): void {
    if (grpcStatus === Status.OK) {
      if (this.#calls.messages[slot] === 1 && this.#calls.isBetweenMessages(slot)) {
        this.#finish(slot, streamId, Status.OK, "");
      } else {
        this.#finish(slot, streamId, Status.INTERNAL, "OK without exactly one whole message");
      }
    } else if (grpcStatus < 0) {
      this.#finish(slot, streamId, Status.UNKNOWN, "the trailers hold no grpc-status");
    } else {
      this.#finish(slot, streamId, grpcStatus, grpcMessage);
    }
  }

  /** An HTTP answer that gRPC did not write, a proxy's 503 for one. */
  #notGrpc(
    slot: number,
    streamId: number,
    endStream: boolean,
    httpStatus: number,
    grpcStatus: number,
    grpcMessage: string,
  ): void {
    if (!endStream) this.#reset(streamId, ErrorCode.CANCEL);
    if (grpcStatus > 0) {
      this.#finish(slot, streamId, grpcStatus, grpcMessage);
    } else {
      const reason =
        httpStatus === 200 ? "the answer's content-type is not gRPC" : `HTTP status ${httpStatus}`;
      this.#finish(slot, streamId, statusOfHttp(httpStatus), reason);
    }
  }

  /** A stream error (RFC 9113 section 8.1.1): this call fails, the connection goes on. */
  #malformed(slot: number, streamId: number, reason: string): void {
    this.#reset(streamId, ErrorCode.PROTOCOL_ERROR);
    this.#finish(slot, streamId, Status.INTERNAL, reason);
  }

  #finish(slot: number, streamId: number, status: number, message: string): void {
    // An answer to a request that is not wholly sent: nobody will read the rest.
    if (this.#sendQueue.remove(streamId)) this.#reset(streamId, ErrorCode.CANCEL);
    this.#release(slot, streamId);
    this.answeredCalls += 1;
    this.#listener.onCallEnd(slot, status, message, this.#nowNs);
    this.#afterRelease();
  }

  #release(slot: number, streamId: number): void {
    this.#streams.remove(streamId);
    this.#calls.free(slot);
  }

  #afterRelease(): void {
    if (this.#isDraining) this.#closeIfDrained();
    else this.#owner.onRoom();
  }

  #reset(streamId: number, code: number): void {
    this.#sendQueue.remove(streamId);
    this.#output.append(rstStreamFrame(streamId, code));
  }

  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#owner.onDraining();
  }

  #closeIfDrained(): void {
    if (this.#isDraining && this.#streams.open === 0) this.close("drained after GOAWAY");
  }

  #countStreamBytes(slot: number, streamId: number, flowBytes: number): void {
    const unreported = this.#calls.unreportedBytes[slot]! + flowBytes;
    if (unreported > STREAM_WINDOW_BYTES) {
      this.#reset(streamId, ErrorCode.FLOW_CONTROL_ERROR);
      this.#finish(slot, streamId, Status.INTERNAL, "the server sent more than the window");
    } else if (unreported * 2 > STREAM_WINDOW_BYTES) {
      this.#reply(windowUpdateFrame(streamId, unreported));
      this.#calls.unreportedBytes[slot] = 0;
    } else {
      this.#calls.unreportedBytes[slot] = unreported;
    }
  }

  #reply(frame: Buffer): void {
    if (this.#socket.writableLength > MAX_UNREAD_REPLY_BYTES) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "the server does not read");
    }
    this.#output.append(frame);
  }
}
