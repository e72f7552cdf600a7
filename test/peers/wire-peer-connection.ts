/**
 * Owns one connection of the scripted peer: what a test expects of the client, frame by frame, and
 * what it sends. Frames and rules are its own (wire-peer-frames.ts, wire-peer-conduct.ts); only
 * HPACK is shared with src/load, and that is tested apart.
 */
import type { Socket } from "node:net";
import { HpackDecoder } from "../../src/wire/hpack/decoder.ts";
import { encodeHeaderBlock } from "../../src/wire/hpack/encoder.ts";
import { ClientConduct } from "./wire-peer-conduct.ts";
import {
  contentOf,
  cutFrames,
  describeFrame,
  FLAG,
  type Frame,
  type FrameKind,
  parseSettings,
  type Settings,
  serializeFrame,
  serializeSettings,
} from "./wire-peer-frames.ts";
import { type ExpectOptions, FrameInbox } from "./wire-peer-inbox.ts";

export interface ReceivedHeaders {
  streamId: number;
  /** By name; a name that came twice has its values joined by ", ". */
  headers: Record<string, string>;
  /** In the order in which they came. */
  fields: (readonly [name: string, value: string])[];
  endStream: boolean;
  /** Of the encoded block. */
  blockBytes: number;
}

type HeaderFields = readonly (readonly [name: string, value: string])[] | Record<string, string>;

export interface SendHeadersOptions {
  endStream?: boolean;
  /** Offsets in the block where a CONTINUATION begins. */
  continuationAt?: number | readonly number[];
  /** Octets of padding; 0 sets the flag and adds none. */
  padding?: number;
  priority?: { dependsOn: number; weight: number; exclusive?: boolean };
}

export class PeerConnection {
  readonly conduct = new ClientConduct();
  readonly #socket: Socket;
  readonly #inbox: FrameInbox;
  readonly #decoder = new HpackDecoder({ maxTableSizeBytes: 4096, maxHeaderListBytes: 1 << 20 });

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#inbox = new FrameInbox(socket, this.conduct);
  }

  // What the client must send.

  /** The client's magic and its SETTINGS, which are the first frame. */
  async expectPreface(options: ExpectOptions = {}): Promise<Settings> {
    const frame = await this.#inbox.expect("SETTINGS", { timeoutMs: options.timeoutMs });
    if (frame.flags & FLAG.ack) throw new Error("expected the client's SETTINGS, got an ACK");
    return parseSettings(frame.payload);
  }

  /** A change of SETTINGS after the preface. */
  async expectSettings(options: ExpectOptions = {}): Promise<Settings> {
    const frame = await this.#inbox.expect("SETTINGS", options);
    if (frame.flags & FLAG.ack) throw new Error("expected SETTINGS, got an ACK");
    return parseSettings(frame.payload);
  }

  async expectSettingsAck(options: ExpectOptions = {}): Promise<void> {
    const frame = await this.#inbox.expect("SETTINGS", options);
    if (!(frame.flags & FLAG.ack)) {
      throw new Error(`expected a SETTINGS ACK, got ${describeFrame(frame)}`);
    }
  }

  /** Sends SETTINGS, and takes the client's preface and its ACK: a connection ready for requests. */
  async handshake(settings: Settings = {}): Promise<Settings> {
    const theirs = await this.expectPreface();
    this.sendSettings(settings);
    this.ackSettings();
    await this.expectSettingsAck({ skip: ["WINDOW_UPDATE"] });
    return theirs;
  }

  /** A whole header block, with its CONTINUATION frames. */
  async expectHeaders(options: ExpectOptions = {}): Promise<ReceivedHeaders> {
    const first = await this.#inbox.expect("HEADERS", options);
    const parts = [contentOf(first)];
    for (let last = first; !(last.flags & FLAG.endHeaders); ) {
      last = await this.#inbox.expect("CONTINUATION", { timeoutMs: options.timeoutMs });
      parts.push(last.payload);
    }
    const block = Buffer.concat(parts);
    const { names, values } = this.#decoder.decode(block, 0, block.length);
    const headers: Record<string, string> = {};
    names.forEach((name, index) => {
      const before = headers[name];
      headers[name] = before === undefined ? values[index]! : `${before}, ${values[index]}`;
    });
    return {
      streamId: first.streamId,
      headers,
      fields: names.map((name, index) => [name, values[index]!] as const),
      endStream: (first.flags & FLAG.endStream) !== 0,
      blockBytes: block.length,
    };
  }

  /** One DATA frame, without its padding. */
  async expectData(
    options: ExpectOptions = {},
  ): Promise<{ streamId: number; bytes: Buffer; endStream: boolean }> {
    const frame = await this.#inbox.expect("DATA", options);
    return {
      streamId: frame.streamId,
      bytes: contentOf(frame),
      endStream: (frame.flags & FLAG.endStream) !== 0,
    };
  }

  /** Any one frame. */
  async expectFrame(options: ExpectOptions = {}): Promise<Frame> {
    const frame = await this.#inbox.next(options);
    if (frame === undefined) throw new Error("expected a frame, but the client closed");
    return frame;
  }

  async expectRstStream(
    options: ExpectOptions = {},
  ): Promise<{ streamId: number; errorCode: number }> {
    const { streamId, payload } = await this.#inbox.expect("RST_STREAM", options);
    return { streamId, errorCode: payload.readUInt32BE(0) };
  }

  async expectPing(options: ExpectOptions = {}): Promise<{ ack: boolean; bytes: Buffer }> {
    const { flags, payload } = await this.#inbox.expect("PING", options);
    return { ack: (flags & FLAG.ack) !== 0, bytes: payload };
  }

  async expectWindowUpdate(
    options: ExpectOptions = {},
  ): Promise<{ streamId: number; incrementBytes: number }> {
    const { streamId, payload } = await this.#inbox.expect("WINDOW_UPDATE", options);
    return { streamId, incrementBytes: payload.readUInt32BE(0) };
  }

  async expectGoaway(
    options: ExpectOptions = {},
  ): Promise<{ lastStreamId: number; errorCode: number; debug: string }> {
    const { payload } = await this.#inbox.expect("GOAWAY", options);
    return {
      lastStreamId: payload.readUInt32BE(0),
      errorCode: payload.readUInt32BE(4),
      debug: payload.toString("latin1", 8),
    };
  }

  /** The client ends the connection; frames that are not skipped must not come before. */
  async expectClose(options: ExpectOptions = {}): Promise<void> {
    const frame = await this.#inbox.next(options);
    if (frame === undefined) return;
    throw new Error(`expected the end of the connection, got ${describeFrame(frame)}`);
  }

  /**
   * Asserts that the client has sent nothing but frames to skip, by a PING that it must answer
   * next: whatever it sent because of earlier frames has come by then.
   */
  async expectNothing(options: ExpectOptions = {}): Promise<void> {
    this.sendPing(Buffer.from("nothing?"));
    const frame = await this.#inbox.next(options);
    if (frame?.kind === "PING" && frame.payload.equals(Buffer.from("nothing?"))) return;
    throw new Error(`expected nothing, got ${frame ? describeFrame(frame) : this.#inbox.ended}`);
  }

  // What the client gets.

  sendSettings(settings: Settings = {}): void {
    this.sendFrame("SETTINGS", 0, 0, serializeSettings(settings));
  }

  ackSettings(): void {
    this.sendFrame("SETTINGS", FLAG.ack, 0);
  }

  /** `headers` is encoded without Huffman and dynamic table; octets are a ready-made block. */
  sendHeaders(
    streamId: number,
    headers: HeaderFields | Uint8Array,
    options: SendHeadersOptions = {},
  ): void {
    const block = headers instanceof Uint8Array ? headers : encodeHeaderBlock(fieldsOf(headers));
    const cuts = [options.continuationAt ?? []].flat();
    const parts = [0, ...cuts].map((from, index) => block.subarray(from, cuts[index]));
    let flags = options.endStream ? FLAG.endStream : 0;
    let first: Uint8Array = parts[0]!;
    if (options.priority !== undefined) {
      const { dependsOn, weight, exclusive = false } = options.priority;
      const fields = Buffer.alloc(5);
      fields.writeUInt32BE((exclusive ? 0x80000000 : 0) + dependsOn, 0);
      fields.writeUInt8(weight - 1, 4);
      first = Buffer.concat([fields, first]);
      flags |= FLAG.priority;
    }
    if (options.padding !== undefined) {
      first = pad(first, options.padding);
      flags |= FLAG.padded;
    }
    parts[0] = first;
    parts.forEach((part, index) => {
      const end = index === parts.length - 1 ? FLAG.endHeaders : 0;
      if (index === 0) this.sendFrame("HEADERS", flags | end, streamId, part);
      else this.sendFrame("CONTINUATION", end, streamId, part);
    });
  }

  sendData(
    streamId: number,
    bytes: Uint8Array,
    options: { endStream?: boolean; padding?: number } = {},
  ): void {
    const flags =
      (options.endStream ? FLAG.endStream : 0) | (options.padding === undefined ? 0 : FLAG.padded);
    const payload = options.padding === undefined ? bytes : pad(bytes, options.padding);
    this.sendFrame("DATA", flags, streamId, payload);
  }

  /** A whole answer: headers, one message in one DATA frame, trailers with status 0. */
  sendGrpcOk(streamId: number, message: Uint8Array = new Uint8Array(0)): void {
    this.sendHeaders(streamId, { ":status": "200", "content-type": "application/grpc" });
    this.sendData(streamId, grpcMessage(message));
    this.sendHeaders(streamId, { "grpc-status": "0" }, { endStream: true });
  }

  /** An answer without a message: `status` is a gRPC code, `message` is percent-encoded here. */
  sendTrailersOnly(streamId: number, status: number, message?: string): void {
    const headers: Record<string, string> = {
      ":status": "200",
      "content-type": "application/grpc",
      "grpc-status": String(status),
    };
    if (message !== undefined) headers["grpc-message"] = encodeURI(message);
    this.sendHeaders(streamId, headers, { endStream: true });
  }

  sendRstStream(streamId: number, errorCode: number): void {
    this.sendFrame("RST_STREAM", 0, streamId, uint32s(errorCode));
  }

  sendGoaway(lastStreamId: number, errorCode: number, debug = ""): void {
    const payload = Buffer.concat([uint32s(lastStreamId, errorCode), Buffer.from(debug, "latin1")]);
    this.sendFrame("GOAWAY", 0, 0, payload);
  }

  sendPing(bytes: Uint8Array = Buffer.alloc(8), options: { ack?: boolean } = {}): void {
    this.sendFrame("PING", options.ack ? FLAG.ack : 0, 0, bytes);
  }

  sendWindowUpdate(streamId: number, incrementBytes: number): void {
    this.sendFrame("WINDOW_UPDATE", 0, streamId, uint32s(incrementBytes));
  }

  /** A frame of any kind or type octet, right or wrong. */
  sendFrame(
    kind: FrameKind | number,
    flags: number,
    streamId: number,
    payload: Uint8Array = new Uint8Array(0),
  ): void {
    this.sendRaw(serializeFrame(kind, flags, streamId, payload));
  }

  /** Octets as they are; whole frames in them count for the client's windows and settings. */
  sendRaw(bytes: Uint8Array): void {
    for (const frame of cutFrames(Buffer.from(bytes)).frames) this.conduct.sent(frame);
    this.#socket.write(bytes);
  }

  /** Octets that count for nothing, in numbers that would take long to cut into frames. */
  sendUncounted(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Octets in pieces of `pieceBytes`, one a turn of the event loop, so that reads are cut too. */
  async sendRawInPieces(bytes: Uint8Array, pieceBytes = 1): Promise<void> {
    for (const frame of cutFrames(Buffer.from(bytes)).frames) this.conduct.sent(frame);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      this.#socket.write(bytes.subarray(at, at + pieceBytes));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Stops reading, so that the client's socket fills; `resume` undoes it. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends our side after what was sent (FIN). */
  close(): void {
    this.#socket.end();
  }

  /** Drops the connection at once, over TCP with an RST unless an end was put to it already. */
  destroy(): void {
    // Resetting a socket that is shutting down leaves Node's loop spinning on its descriptor.
    const isSecure = "encrypted" in this.#socket;
    if (this.#socket.writableEnded || isSecure) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }
}

/** A gRPC message with its five octets in front: not compressed, and the length. */
export function grpcMessage(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0]), uint32s(message.length), message]);
}

function fieldsOf(headers: HeaderFields): readonly (readonly [string, string])[] {
  return Array.isArray(headers) ? headers : Object.entries(headers);
}

function pad(bytes: Uint8Array, padding: number): Buffer {
  return Buffer.concat([Buffer.from([padding]), bytes, Buffer.alloc(padding)]);
}

function uint32s(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}
