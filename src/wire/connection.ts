/**
 * Speaks HTTP/2 on one connection of a gRPC client (RFC 9113): frames in, outcomes of calls and frames
 * out, over a socket that channel.ts opened and reads. It ends once and is then replaced.
 */
import type { Socket } from "node:net";
import { nowNs } from "../clock.ts";
import { Answers, NO_RESET } from "./answers.ts";
import type { CallTable } from "./call-table.ts";
import { type FrameHandler, FrameReader } from "./frame-reader.ts";
import {
  ConnectionError,
  ErrorCode,
  errorCodeName,
  goawayFrame,
  pingAckFrame,
  settingsAckFrame,
  windowUpdateFrame,
} from "./frames.ts";
import { Status, statusOfReset } from "./grpc-status.ts";
import { LastData } from "./last-data.ts";
import { PeerSettings } from "./peer-settings.ts";
import { ReceiveWindow, STREAM_WINDOW_BYTES } from "./receive-window.ts";
import type { WireTemplate } from "./request.ts";
import { RequestSender } from "./request-sender.ts";
import { ResponseBlocks } from "./response-blocks.ts";
import { StreamTable } from "./stream-table.ts";
import type { AnswerRead, CallListener } from "./transport.ts";

/** A peer that makes us answer more than it reads is cut off here, before memory grows. */
const MAX_UNREAD_REPLY_BYTES = 4 * 1024 * 1024;

/**
 * New calls wait while the socket holds more: the server's windows may allow any amount, and requests
 * whose time ran out stay in the socket.
 */
const MAX_SOCKET_BYTES = 4 * 1024 * 1024;

/** What keeps a request here, for the user. */
export const WINDOW_FULL = "the server's flow-control window was full";
export const SOCKET_FULL = "the server did not read what the connection has to send";

/** How long the last frames may take to leave. */
const CLOSE_MS = 1_000;

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
  readonly #calls: CallTable;
  readonly #answers: Answers;
  readonly #listener: CallListener;
  readonly #owner: ConnectionOwner;
  readonly #reader = new FrameReader(this);
  readonly #peer = new PeerSettings();
  readonly #sender: RequestSender;
  readonly #receiveWindow = new ReceiveWindow();
  readonly #blocks = new ResponseBlocks();
  readonly #streams: StreamTable;
  #isReady = false;
  #isDraining = false;
  #isClosed = false;
  /** What the server said when it asked us to leave, for the calls that the close takes along. */
  #goawayReason = "";
  /** The clock read of the current chunk. */
  #nowNs = 0;
  readonly #lastData = new LastData();
  /** Calls that got an answer: tells a server that works from one that only accepts. */
  answeredCalls = 0;
  /** Those that opened calls, and further ones on their streams. */
  sentMessages = 0;

  constructor(
    socket: Socket,
    headersFrames: readonly Buffer[],
    calls: CallTable,
    listener: CallListener,
    owner: ConnectionOwner,
    firstStreamId?: number,
  ) {
    this.#socket = socket;
    this.#sender = new RequestSender(headersFrames, this.#peer, "encrypted" in socket);
    this.#calls = calls;
    this.#answers = new Answers(calls, listener);
    this.#listener = listener;
    this.#owner = owner;
    this.#streams = new StreamTable(firstStreamId);
    this.flush();
  }

  /** Whether the server's SETTINGS ever came. */
  get wasReady(): boolean {
    return this.#isReady;
  }

  /** Whether a new call may go on a stream, and send its first octets, at once. */
  get hasRoom(): boolean {
    return (
      this.#isReady &&
      !this.#isDraining &&
      !this.#isClosed &&
      this.#streams.open < this.#peer.maxConcurrentStreams &&
      this.#sender.hasWindow &&
      this.#socket.writableLength <= MAX_SOCKET_BYTES
    );
  }

  get openStreams(): number {
    return this.#streams.open;
  }

  /** By the server's SETTINGS; Infinity where they name none. */
  get maxConcurrentStreams(): number {
    return this.#peer.maxConcurrentStreams;
  }

  /** Which limit keeps a new call from being sent. */
  get holdReason(): string {
    const { maxConcurrentStreams } = this.#peer;
    if (this.#streams.open >= maxConcurrentStreams) {
      const streams = `${maxConcurrentStreams} stream${maxConcurrentStreams === 1 ? "" : "s"}`;
      return `the server allows ${streams} at once on a connection, and all are in use (--conns)`;
    }
    if (!this.#sender.hasWindow) return WINDOW_FULL;
    return SOCKET_FULL;
  }

  /** Whether part of the slot's request waits for a window of the server's. */
  isHoldingBack(slot: number): boolean {
    const streamId = this.#calls.streamId[slot]!;
    return this.#streams.slotOf(streamId) === slot && this.#sender.isHoldingBack(streamId);
  }

  /** Starts a call; `hasRoom` must hold. The template's DATA frame is copied from `frame` here. */
  start(slot: number, template: WireTemplate, frame: Buffer, frameBytes: number): void {
    const streamId = this.#streams.add(slot);
    this.#calls.open(slot, streamId, template.mode);
    this.#sender.open(streamId, template, frame, frameBytes);
    this.sentMessages += 1;
    if (!this.#streams.hasIds) this.#drain();
  }

  /** Sends another message on the slot's stream, if it is this connection's and still open. */
  send(slot: number, frame: Buffer, frameBytes: number): void {
    const streamId = this.#calls.streamId[slot]!;
    if (this.#streams.slotOf(streamId) !== slot) return;
    this.#sender.send(streamId, frame, frameBytes);
    this.sentMessages += 1;
  }

  /** Ends a call on this side, unreported. */
  cancel(slot: number): void {
    const streamId = this.#calls.streamId[slot]!;
    if (this.#streams.slotOf(streamId) !== slot) return;
    this.#sender.reset(streamId, ErrorCode.CANCEL);
    this.#release(slot, streamId);
    this.#afterRelease();
  }

  /** See `Transport`. */
  readAnswer(slot: number, read: AnswerRead): number {
    return this.#lastData.read(slot, read);
  }

  get hasOutput(): boolean {
    return !this.#isClosed && this.#sender.hasOutput;
  }

  flush(): void {
    if (!this.#isClosed) this.#sender.flush(this.#socket);
  }

  /** Takes bytes from the socket and ends every call that they complete. */
  received(bytes: Uint8Array, lengthBytes: number): void {
    if (this.#isClosed) return;
    this.#nowNs = nowNs();
    try {
      this.#reader.read(bytes, 0, lengthBytes);
      this.#lastData.clear();
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.fail(error);
    }
  }

  /** Tells the peer which rule it broke, and closes (RFC 9113 section 5.4.1). */
  fail(error: ConnectionError): void {
    if (this.#isClosed) return;
    this.#sender.append(goawayFrame(error.code));
    this.flush();
    this.close(`the server broke HTTP/2: ${error.message} (${errorCodeName(error.code)})`);
  }

  /** Ends the connection; its calls in flight end as UNAVAILABLE with `reason`. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reader.stop();
    this.#socket.destroySoon();
    // A peer that reads nothing would keep the socket for ever.
    setTimeout(() => this.#socket.destroy(), CLOSE_MS).unref();
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
    this.#lastData.set(slot, bytes, start, end);
    this.#answers.nowNs = this.#nowNs;
    if (this.#answers.data(slot, endStream, bytes, start, end, flowBytes)) {
      this.#finish(slot, streamId);
    } else if (this.#calls.unreportedBytes[slot]! * 2 > STREAM_WINDOW_BYTES) {
      this.#reply(windowUpdateFrame(streamId, this.#calls.unreportedBytes[slot]!));
      this.#calls.unreportedBytes[slot] = 0;
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
    if (slot >= 0 && this.#answers.headers(slot, endStream, block)) this.#finish(slot, streamId);
  }

  onRstStream(streamId: number, code: number): void {
    const slot = this.#slotOrClosed(streamId, "RST_STREAM");
    if (slot < 0) return;
    this.#release(slot, streamId);
    if (code === ErrorCode.REFUSED_STREAM) {
      this.#listener.onCallUnprocessed(slot, this.#nowNs, false, errorCodeName(code));
    } else {
      const reason = `the server reset the stream (${errorCodeName(code)})`;
      this.#listener.onCallEnd(slot, statusOfReset(code), reason, this.#nowNs);
    }
    this.#afterRelease();
  }

  onSettings(bytes: Uint8Array, start: number, end: number): void {
    const windowDelta = this.#peer.apply(bytes, start, end);
    this.#reply(settingsAckFrame());
    if (windowDelta !== 0) this.#sender.adjustWindows(windowDelta);
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
    this.#goawayReason = `GOAWAY, ${errorCodeName(code)}`;
    if (debugText !== "") this.#goawayReason += `, ${debugText.slice(0, 100)}`;
    for (const [streamId, slot] of this.#streams.openAbove(lastStreamId)) {
      this.#release(slot, streamId);
      this.#listener.onCallUnprocessed(slot, this.#nowNs, false, this.#goawayReason);
    }
    this.#closeIfDrained();
  }

  onWindowUpdate(streamId: number, incrementBytes: number): void {
    if (streamId === 0) {
      if (incrementBytes === 0) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0");
      }
      this.#sender.windowUpdate(0, incrementBytes);
      this.#owner.onRoom();
      return;
    }
    const slot = this.#slotOrClosed(streamId, "WINDOW_UPDATE");
    if (slot < 0) return;
    if (incrementBytes === 0) {
      this.#failStream(slot, streamId, ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0");
    } else if (!this.#sender.windowUpdate(streamId, incrementBytes)) {
      const reason = "WINDOW_UPDATE raises the stream's window above 2^31-1";
      this.#failStream(slot, streamId, ErrorCode.FLOW_CONTROL_ERROR, reason);
    }
  }

  /** The slot of an open stream, -1 for one that has ended; a stream never opened is an error. */
  #slotOrClosed(streamId: number, frame: string): number {
    const slot = this.#streams.slotOf(streamId);
    if (slot < 0 && this.#streams.isIdle(streamId)) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `${frame} on a stream never opened`);
    }
    return slot;
  }

  /** Ends a call as `answers` has judged it. */
  #finish(slot: number, streamId: number): void {
    const { status, message, resetCode } = this.#answers;
    // Where our side is still open the server would go on counting the stream: no more is read.
    const isCut = this.#release(slot, streamId);
    if (resetCode !== NO_RESET) this.#sender.reset(streamId, resetCode);
    else if (isCut) this.#sender.reset(streamId, ErrorCode.CANCEL);
    this.answeredCalls += 1;
    this.#listener.onCallEnd(slot, status, message, this.#nowNs);
    this.#afterRelease();
  }

  /** A stream error that no answer is to blame for (RFC 9113 section 5.4.2). */
  #failStream(slot: number, streamId: number, code: number, reason: string): void {
    this.#sender.reset(streamId, code);
    this.#release(slot, streamId);
    this.#listener.onCallEnd(slot, Status.INTERNAL, reason, this.#nowNs);
    this.#afterRelease();
  }

  /** True where our side of the stream had not ended. */
  #release(slot: number, streamId: number): boolean {
    this.#streams.remove(streamId);
    this.#calls.free(slot);
    return this.#sender.forget(streamId);
  }

  #afterRelease(): void {
    if (this.#isDraining) this.#closeIfDrained();
    else this.#owner.onRoom();
  }

  #drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#owner.onDraining();
  }

  #closeIfDrained(): void {
    if (this.#isDraining && this.#streams.open === 0) this.close("drained after GOAWAY");
  }

  #reply(frame: Buffer): void {
    if (this.#sender.unwrittenReplyBytes(this.#socket) > MAX_UNREAD_REPLY_BYTES) {
      throw new ConnectionError(
        ErrorCode.ENHANCE_YOUR_CALM,
        "it asks for replies and does not read them",
      );
    }
    this.#sender.append(frame);
  }
}
