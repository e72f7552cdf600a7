/**
 * Owns one HTTP/2 connection of the null server (RFC 9113): requests in, fixed answers out, one
 * write a received chunk. What a request holds beside its path is not looked at.
 */
import type { Socket } from "node:net";
import { nowNs } from "../../load/clock.ts";
import { type FrameHandler, FrameReader } from "../../load/wire/frame-reader.ts";
import {
  CLIENT_PREFACE,
  ConnectionError,
  DEFAULT_INITIAL_WINDOW_SIZE,
  ErrorCode,
  goawayFrame,
  LARGEST_WINDOW_SIZE,
  pingAckFrame,
  readUint32,
  Setting,
  settingsAckFrame,
  settingsFrame,
  windowUpdateFrame,
} from "../../load/wire/frames.ts";
import { Output } from "../../load/wire/output.ts";
import {
  CONNECTION_WINDOW_BYTES,
  ReceiveWindow,
  STREAM_WINDOW_BYTES,
} from "../../load/wire/receive-window.ts";
import type { Answer, Answers } from "./answers.ts";
import { Method, RequestBlocks } from "./request-blocks.ts";

/** A client that sends and never reads is cut off here, before memory grows. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** Takes the puts that are to be answered later; `answerNow` is called when it is time. */
export interface PutDelayer {
  add(connection: NullConnection, streamId: number, receivedNs: number): void;
}

export interface NullConnectionOptions {
  answers: Answers;
  /** Null: puts are answered at once, as everything else. */
  delayer: PutDelayer | null;
  onAnswer: () => void;
}

export class NullConnection implements FrameHandler {
  readonly #socket: Socket;
  readonly #options: NullConnectionOptions;
  readonly #answerOf: readonly Answer[];
  readonly #reader = new FrameReader(this);
  readonly #output = new Output();
  readonly #blocks = new RequestBlocks();
  readonly #receiveWindow = new ReceiveWindow();
  #prefaceBytes = 0;
  #isClosed = false;
  /** The clock read of the chunk at hand. */
  #receivedNs = 0;
  #lastStreamId = 0;
  /** The stream whose HEADERS came last and whose DATA is awaited: nearly always the only one. */
  #openId = 0;
  #openMethod: Method = Method.OTHER;
  /** The others. */
  readonly #open = new Map<number, Method>();
  /** Streams whose answer the delayer has still to give. */
  readonly #delayed = new Set<number>();
  /** What the client allows us to send on the connection. */
  #sendWindowBytes = DEFAULT_INITIAL_WINDOW_SIZE;
  /** Answers that wait for that window, in order. */
  #held: { streamId: number; method: Method }[] = [];

  constructor(socket: Socket, options: NullConnectionOptions) {
    const { put, range, unimplemented } = options.answers;
    this.#socket = socket;
    this.#options = options;
    this.#answerOf = [put, range, unimplemented];
    this.#output.append(
      settingsFrame([
        [Setting.HEADER_TABLE_SIZE, 0],
        [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES],
      ]),
    );
    const increment = CONNECTION_WINDOW_BYTES - DEFAULT_INITIAL_WINDOW_SIZE;
    this.#output.append(windowUpdateFrame(0, increment));
    this.#output.flush(socket);
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#isClosed = true;
    });
  }

  /**
   * Answers a put that was delayed. Returns the moment just before the bytes went to the kernel,
   * or null where the client has gone or has cancelled it.
   */
  answerNow(streamId: number): number | null {
    if (this.#isClosed || !this.#delayed.delete(streamId)) return null;
    this.#answer(streamId, Method.PUT);
    const now = nowNs();
    this.#output.flush(this.#socket);
    return now;
  }

  #received(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#receivedNs = nowNs();
    try {
      const start = this.#prefaceBytes < CLIENT_PREFACE.length ? this.#readPreface(chunk) : 0;
      this.#reader.read(chunk, start, chunk.length);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      this.#fail(error);
      return;
    }
    this.#output.flush(this.#socket);
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#socket.destroy();
  }

  /** Returns where the frames start (RFC 9113 section 3.4). */
  #readPreface(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.#prefaceBytes < CLIENT_PREFACE.length) {
      if (chunk[at] !== CLIENT_PREFACE[this.#prefaceBytes]) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "this is not HTTP/2's preface");
      }
      at += 1;
      this.#prefaceBytes += 1;
    }
    return at;
  }

  /** Names the rule that the client broke, and closes (RFC 9113 section 5.4.1). */
  #fail(error: ConnectionError): void {
    this.#isClosed = true;
    this.#reader.stop();
    this.#output.append(goawayFrame(error.code));
    this.#output.flush(this.#socket);
    this.#socket.destroySoon();
  }

  onHeaderBlock(
    streamId: number,
    endStream: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    // Read in any case: the block may change the decoder's state.
    const method = this.#blocks.read(bytes, start, end);
    if (streamId <= this.#lastStreamId) {
      this.#requestTrailers(streamId, endStream);
      return;
    }
    if ((streamId & 1) === 0) throw protocolError("a client's stream has an even id");
    this.#lastStreamId = streamId;
    if (endStream) {
      this.#complete(streamId, method);
      return;
    }
    if (this.#openId !== 0) this.#open.set(this.#openId, this.#openMethod);
    this.#openId = streamId;
    this.#openMethod = method;
  }

  onData(
    streamId: number,
    endStream: boolean,
    _bytes: Uint8Array,
    _start: number,
    _end: number,
    flowBytes: number,
  ): void {
    const increment = this.#receiveWindow.received(flowBytes);
    if (increment > 0) this.#output.append(windowUpdateFrame(0, increment));
    if (endStream) {
      const method = this.#takeOpen(streamId, "DATA");
      if (method !== undefined) this.#complete(streamId, method);
    } else if (flowBytes > 0 && (streamId === this.#openId || this.#open.has(streamId))) {
      // Given back at once: only a message of several frames comes here.
      this.#output.append(windowUpdateFrame(streamId, flowBytes));
    } else if (streamId > this.#lastStreamId) {
      throw protocolError("DATA on a stream never opened");
    }
  }

  onRstStream(streamId: number): void {
    this.#takeOpen(streamId, "RST_STREAM");
    this.#delayed.delete(streamId);
    if (this.#held.length > 0) {
      this.#held = this.#held.filter((held) => held.streamId !== streamId);
    }
  }

  onSettings(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += 6) {
      const id = (bytes[at]! << 8) | bytes[at + 1]!;
      if (id === Setting.INITIAL_WINDOW_SIZE) this.#checkStreamWindow(readUint32(bytes, at + 2));
    }
    this.#output.append(settingsAckFrame());
  }

  onSettingsAck(): void {
    // The blocks are read rightly before and after it.
  }

  onPing(ack: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (!ack) this.#output.append(pingAckFrame(bytes.subarray(start, end)));
  }

  onGoaway(): void {
    // The client takes no streams of ours, and closes when it has its answers.
  }

  onWindowUpdate(streamId: number, incrementBytes: number): void {
    // A stream's window covers its whole answer from the start: see #checkStreamWindow.
    if (streamId !== 0) return;
    if (incrementBytes === 0) throw protocolError("WINDOW_UPDATE of 0");
    this.#sendWindowBytes += incrementBytes;
    if (this.#sendWindowBytes > LARGEST_WINDOW_SIZE) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "the window went above 2^31-1");
    }
    while (this.#held.length > 0) {
      const { streamId: heldId, method } = this.#held[0]!;
      if (!this.#write(heldId, method)) return;
      this.#held.shift();
    }
  }

  /** An answer goes whole or waits whole, so a window that it never fits is not served. */
  #checkStreamWindow(windowBytes: number): void {
    if (windowBytes > LARGEST_WINDOW_SIZE) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "a window above 2^31-1");
    }
    if (windowBytes < Math.max(...this.#answerOf.map(({ flowBytes }) => flowBytes))) {
      throw new ConnectionError(ErrorCode.INTERNAL_ERROR, "no answer fits the stream's window");
    }
  }

  /** A second block of headers ends the request, or belongs to a stream that is gone. */
  #requestTrailers(streamId: number, endStream: boolean): void {
    const method = this.#takeOpen(streamId, "HEADERS");
    if (method === undefined) return;
    if (!endStream) throw protocolError("a second block of request headers");
    this.#complete(streamId, method);
  }

  /** The method of a stream whose request has not ended until now; undefined for one that has. */
  #takeOpen(streamId: number, frame: string): Method | undefined {
    if (streamId === this.#openId) {
      this.#openId = 0;
      return this.#openMethod;
    }
    if (streamId > this.#lastStreamId) throw protocolError(`${frame} on a stream never opened`);
    const method = this.#open.get(streamId);
    if (method !== undefined) this.#open.delete(streamId);
    return method;
  }

  #complete(streamId: number, method: Method): void {
    const { delayer } = this.#options;
    if (delayer !== null && method === Method.PUT) {
      this.#delayed.add(streamId);
      delayer.add(this, streamId, this.#receivedNs);
    } else {
      this.#answer(streamId, method);
    }
  }

  #answer(streamId: number, method: Method): void {
    this.#options.onAnswer();
    if (this.#held.length > 0 || !this.#write(streamId, method)) {
      this.#held.push({ streamId, method });
    }
  }

  /** False where the connection's window does not hold the answer. */
  #write(streamId: number, method: Method): boolean {
    const answer = this.#answerOf[method]!;
    if (answer.flowBytes > this.#sendWindowBytes) return false;
    this.#sendWindowBytes -= answer.flowBytes;
    const at = this.#output.reserve(answer.bytes.length);
    answer.write(this.#output.buffer, at, streamId);
    return true;
  }
}

function protocolError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
}
