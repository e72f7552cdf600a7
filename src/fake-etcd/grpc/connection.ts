/**
 * Serves one HTTP/2 connection (RFC 9113): frames in and out, one write for each received chunk.
 * calls.ts answers what they ask.
 */
import type { Socket } from "node:net";
import {
  CLIENT_PREFACE,
  CONNECTION_WINDOW_BYTES,
  ConnectionError,
  DEFAULT_INITIAL_WINDOW_SIZE,
  ErrorCode,
  type FrameHandler,
  FrameReader,
  goawayFrame,
  KnownBlocks,
  LARGEST_WINDOW_SIZE,
  pingAckFrame,
  ReceiveWindow,
  readUint32,
  Setting,
  STREAM_WINDOW_BYTES,
  settingsAckFrame,
  settingsFrame,
  windowUpdateFrame,
} from "#wire/framing";
import { nowNs } from "../../clock.ts";
import { type CallOptions, Calls } from "./calls.ts";
import type { Method } from "./methods.ts";
import { Outgoing } from "./outgoing.ts";

/** What our SETTINGS allow holds once the client has them; until then it may use the default. */
const MAX_TABLE_SIZE_BYTES = 4_096;
/** A smaller window would have updates that come before the answer, which no test counts. */
const LEAST_STREAM_WINDOW_BYTES = 1_024;

export interface ServedConnectionOptions extends CallOptions {
  /** Of all connections, those that have something to send for another one's request. */
  unflushed: Set<Outgoing>;
}

export class ServedConnection implements FrameHandler {
  readonly #socket: Socket;
  readonly #options: ServedConnectionOptions;
  readonly #outgoing: Outgoing;
  readonly #calls: Calls;
  readonly #reader = new FrameReader(this);
  readonly #requested: KnownBlocks<Method>;
  readonly #receiveWindow = new ReceiveWindow();
  #prefaceBytes = 0;
  #isClosed = false;
  /** The clock read of the current chunk. */
  #receivedNs = 0;
  #lastStreamId = 0;

  constructor(socket: Socket, options: ServedConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#requested = new KnownBlocks(MAX_TABLE_SIZE_BYTES, (names, values) =>
      options.methods.of(values[names.indexOf(":path")] ?? ""),
    );
    this.#outgoing = new Outgoing(socket, options.unflushed);
    this.#calls = new Calls(options, this.#outgoing);
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
      this.#calls.close();
      this.#flushOthers();
    });
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
    this.#flushOthers();
  }

  /** Those to which this one's requests have something sent. */
  #flushOthers(): void {
    const { unflushed } = this.#options;
    for (const outgoing of unflushed) outgoing.flush();
    unflushed.clear();
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
    const method = this.#requested.read(bytes, start, end);
    if (streamId <= this.#lastStreamId) {
      // A second block of headers ends the request, or belongs to a stream that is gone.
      const isOpen = this.#calls.end(streamId, this.#receivedNs);
      if (isOpen && !endStream) throw protocolError("a second block of request headers");
      return;
    }
    if ((streamId & 1) === 0) throw protocolError("a client's stream has an even id");
    this.#lastStreamId = streamId;
    this.#calls.begin(streamId, method, endStream, this.#receivedNs);
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
    this.#checkOpened(streamId, "DATA");
    const opened = this.#calls.data(streamId, bytes, start, end, flowBytes);
    if (opened === undefined) return;
    if (endStream) this.#calls.end(streamId, this.#receivedNs);
    else if (opened > 0) this.#outgoing.append(windowUpdateFrame(streamId, opened));
  }

  onRstStream(streamId: number, code: number): void {
    this.#checkOpened(streamId, "RST_STREAM");
    this.#calls.reset(streamId, code);
  }

  onSettings(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += 6) {
      const id = (bytes[at]! << 8) | bytes[at + 1]!;
      if (id === Setting.INITIAL_WINDOW_SIZE) this.#setStreamWindow(readUint32(bytes, at + 2));
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
    if (streamId !== 0) {
      this.#calls.enlarge(streamId, incrementBytes);
      return;
    }
    if (incrementBytes === 0) throw protocolError("WINDOW_UPDATE of 0");
    this.#outgoing.enlarge(incrementBytes);
  }

  #setStreamWindow(windowBytes: number): void {
    if (windowBytes > LARGEST_WINDOW_SIZE) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "a window above 2^31-1");
    }
    if (windowBytes < LEAST_STREAM_WINDOW_BYTES) {
      const least = `${LEAST_STREAM_WINDOW_BYTES} bytes`;
      throw new ConnectionError(ErrorCode.INTERNAL_ERROR, `a stream's window below ${least}`);
    }
    this.#calls.setStreamWindow(windowBytes);
  }

  #checkOpened(streamId: number, frame: string): void {
    if (streamId > this.#lastStreamId) throw protocolError(`${frame} on a stream never opened`);
  }
}

function protocolError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
}
