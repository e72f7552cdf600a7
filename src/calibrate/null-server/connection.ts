/**
 * Owns one HTTP/2 connection of the null server (RFC 9113): requests in, answers out, one write
 * a received chunk. What a unary request holds beside its path is looked at only for watchers.
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
import { KnownBlocks } from "../../load/wire/known-blocks.ts";
import {
  CONNECTION_WINDOW_BYTES,
  ReceiveWindow,
  STREAM_WINDOW_BYTES,
} from "../../load/wire/receive-window.ts";
import { type Answer, type Answers, KEEP_ALIVE_PATH, PUT_PATH, WATCH_PATH } from "./answers.ts";
import { MessageReader } from "./message-reader.ts";
import { OpenStream } from "./open-stream.ts";
import { Outgoing } from "./outgoing.ts";
import type { NullWatchers } from "./watchers.ts";

/** What our SETTINGS allow holds once the client has them; until then it may use the default. */
const MAX_TABLE_SIZE_BYTES = 4_096;

/** Takes the puts that are to be answered later; `answerNow` is called when it is time. */
export interface PutDelayer {
  add(connection: NullConnection, streamId: number, receivedNs: number): void;
}

export interface NullConnectionOptions {
  answers: Answers;
  /** Null: puts are answered at once, as everything else. */
  delayer: PutDelayer | null;
  watchers: NullWatchers;
  onAnswer: (count: number) => void;
}

export class NullConnection implements FrameHandler {
  readonly #socket: Socket;
  readonly #options: NullConnectionOptions;
  readonly #outgoing: Outgoing;
  readonly #reader = new FrameReader(this);
  readonly #paths = new KnownBlocks(
    MAX_TABLE_SIZE_BYTES,
    (names, values) => values[names.indexOf(":path")] ?? "",
  );
  readonly #receiveWindow = new ReceiveWindow();
  #prefaceBytes = 0;
  #isClosed = false;
  /** The clock read of the chunk at hand. */
  #receivedNs = 0;
  #lastStreamId = 0;
  /** The stream whose HEADERS came last and whose DATA is awaited: nearly always the only one. */
  #openId = 0;
  #openPath = "";
  /** The others. */
  readonly #open = new Map<number, string>();
  /** Those that stay open. */
  readonly #streams = new Map<number, OpenStream>();
  /** Of puts that somebody watches and that came in several frames. */
  readonly #putReaders = new Map<number, MessageReader>();
  /** Streams whose answer the delayer has still to give. */
  readonly #delayed = new Set<number>();
  /** What the client allows us to send on each new stream. */
  #streamWindowBytes = DEFAULT_INITIAL_WINDOW_SIZE;

  constructor(socket: Socket, options: NullConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#outgoing = new Outgoing(socket);
    this.#outgoing.append(
      settingsFrame([
        [Setting.HEADER_TABLE_SIZE, 0],
        [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES],
      ]),
    );
    const increment = CONNECTION_WINDOW_BYTES - DEFAULT_INITIAL_WINDOW_SIZE;
    this.#outgoing.append(windowUpdateFrame(0, increment));
    this.#outgoing.flush();
    socket.on("data", (chunk: Buffer) => this.#received(chunk));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#isClosed = true;
      for (const stream of this.#streams.values()) this.#options.watchers.drop(stream);
    });
  }

  /**
   * Answers a put that was delayed. Returns the moment just before the bytes went to the kernel,
   * or null where the client has gone or has cancelled it.
   */
  answerNow(streamId: number): number | null {
    if (this.#isClosed || !this.#delayed.delete(streamId)) return null;
    this.#answer(streamId, PUT_PATH);
    const now = nowNs();
    this.#outgoing.flush();
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
    this.#outgoing.flush();
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
    this.#outgoing.append(goawayFrame(error.code));
    this.#outgoing.flush();
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
    const path = this.#paths.read(bytes, start, end);
    if (streamId <= this.#lastStreamId) {
      this.#requestTrailers(streamId, endStream);
      return;
    }
    if ((streamId & 1) === 0) throw protocolError("a client's stream has an even id");
    this.#lastStreamId = streamId;
    if (path === WATCH_PATH || path === KEEP_ALIVE_PATH) {
      const stream = this.#openStream(streamId, path);
      if (endStream) this.#endStream(streamId, stream);
      return;
    }
    if (endStream) {
      this.#complete(streamId, path);
      return;
    }
    if (this.#openId !== 0) this.#open.set(this.#openId, this.#openPath);
    this.#openId = streamId;
    this.#openPath = path;
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
    if (increment > 0) this.#outgoing.append(windowUpdateFrame(0, increment));
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) {
      const opened = stream.received(bytes, start, end, flowBytes);
      if (opened > 0) this.#outgoing.append(windowUpdateFrame(streamId, opened));
      if (endStream) this.#endStream(streamId, stream);
      return;
    }
    if (!this.#options.watchers.isEmpty) this.#readPut(streamId, bytes, start, end);
    if (endStream) {
      const path = this.#takeOpen(streamId, "DATA");
      if (path !== undefined) this.#complete(streamId, path);
    } else if (flowBytes > 0 && (streamId === this.#openId || this.#open.has(streamId))) {
      // Given back at once: only a message of several frames comes here.
      this.#outgoing.append(windowUpdateFrame(streamId, flowBytes));
    } else if (streamId > this.#lastStreamId) {
      throw protocolError("DATA on a stream never opened");
    }
  }

  onRstStream(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      this.#takeOpen(streamId, "RST_STREAM");
      this.#delayed.delete(streamId);
      this.#putReaders.delete(streamId);
    } else {
      this.#streams.delete(streamId);
      this.#options.watchers.drop(stream);
    }
    this.#outgoing.drop(streamId);
  }

  onSettings(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += 6) {
      const id = (bytes[at]! << 8) | bytes[at + 1]!;
      if (id === Setting.INITIAL_WINDOW_SIZE) this.#checkStreamWindow(readUint32(bytes, at + 2));
    }
    this.#outgoing.append(settingsAckFrame());
  }

  onSettingsAck(): void {
    // The blocks are read rightly before and after it.
  }

  onPing(ack: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (!ack) this.#outgoing.append(pingAckFrame(bytes.subarray(start, end)));
  }

  onGoaway(): void {
    // The client takes no streams of ours, and closes when it has its answers.
  }

  onWindowUpdate(streamId: number, incrementBytes: number): void {
    if (streamId === 0) {
      if (incrementBytes === 0) throw protocolError("WINDOW_UPDATE of 0");
      this.#outgoing.enlarge(incrementBytes);
    } else {
      // Of a unary call the window covers the whole answer from the start: see #checkStreamWindow.
      this.#streams.get(streamId)?.enlarge(incrementBytes);
    }
  }

  /** An answer goes whole or waits whole, so a window that it never fits is not served. */
  #checkStreamWindow(windowBytes: number): void {
    if (windowBytes > LARGEST_WINDOW_SIZE) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "a window above 2^31-1");
    }
    const answers = [...this.#options.answers.unary.values()];
    if (windowBytes < Math.max(...answers.map(({ flowBytes }) => flowBytes))) {
      throw new ConnectionError(ErrorCode.INTERNAL_ERROR, "no answer fits the stream's window");
    }
    for (const stream of this.#streams.values())
      stream.enlarge(windowBytes - this.#streamWindowBytes);
    this.#streamWindowBytes = windowBytes;
  }

  /** A second block of headers ends the request, or belongs to a stream that is gone. */
  #requestTrailers(streamId: number, endStream: boolean): void {
    const path = this.#takeOpen(streamId, "HEADERS");
    if (path === undefined) return;
    if (!endStream) throw protocolError("a second block of request headers");
    this.#complete(streamId, path);
  }

  /** The path of a stream whose request has not ended until now; undefined for one that has. */
  #takeOpen(streamId: number, frame: string): string | undefined {
    if (streamId === this.#openId) {
      this.#openId = 0;
      return this.#openPath;
    }
    if (streamId > this.#lastStreamId) throw protocolError(`${frame} on a stream never opened`);
    const path = this.#open.get(streamId);
    if (path !== undefined) this.#open.delete(streamId);
    return path;
  }

  #openStream(streamId: number, path: string): OpenStream {
    const { answers, watchers, onAnswer } = this.#options;
    const stream: OpenStream = new OpenStream(
      streamId,
      this.#outgoing,
      answers,
      this.#streamWindowBytes,
      (bytes, start, end) => {
        onAnswer(1);
        if (path === KEEP_ALIVE_PATH) stream.send(answers.keepAlive);
        else watchers.request(stream, bytes.subarray(start, end));
      },
    );
    this.#streams.set(streamId, stream);
    return stream;
  }

  #endStream(streamId: number, stream: OpenStream): void {
    this.#streams.delete(streamId);
    this.#options.watchers.drop(stream);
    stream.end();
  }

  /** Somebody watches: tells them of puts. */
  #readPut(streamId: number, bytes: Uint8Array, start: number, end: number): void {
    const path = streamId === this.#openId ? this.#openPath : this.#open.get(streamId);
    if (path !== PUT_PATH) return;
    let reader = this.#putReaders.get(streamId);
    if (reader === undefined) {
      reader = new MessageReader((message, from, to) => {
        this.#putReaders.delete(streamId);
        this.#options.onAnswer(this.#options.watchers.put(message.subarray(from, to)));
      });
      this.#putReaders.set(streamId, reader);
    }
    reader.read(bytes, start, end);
  }

  #complete(streamId: number, path: string): void {
    const { delayer } = this.#options;
    if (delayer !== null && path === PUT_PATH) {
      this.#delayed.add(streamId);
      delayer.add(this, streamId, this.#receivedNs);
    } else {
      this.#answer(streamId, path);
    }
  }

  #answer(streamId: number, path: string): void {
    const { answers, onAnswer } = this.#options;
    onAnswer(1);
    const answer: Answer = answers.unary.get(path) ?? answers.unimplemented;
    this.#outgoing.send(streamId, answer);
  }
}

function protocolError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
}
