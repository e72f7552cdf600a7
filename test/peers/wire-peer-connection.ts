/**
 * One connection of the scripted peer: expects frames of the client and sends frames
 * (wire-peer-sender.ts). It has its own frames and rules (wire-peer-frames.ts, wire-peer-conduct.ts);
 * it shares only HPACK with src/wire, and HPACK has other tests.
 */
import type { Socket } from "node:net";
import { HpackDecoder } from "../../src/wire/hpack/decoder.ts";
import {
  contentOf,
  describeFrame,
  FLAG,
  type Frame,
  parseSettings,
  type Settings,
} from "./wire-peer-frames.ts";
import { type ExpectOptions, FrameInbox } from "./wire-peer-inbox.ts";
import { PeerSender } from "./wire-peer-sender.ts";

export { grpcMessage } from "./wire-peer-sender.ts";

export interface ReceivedHeaders {
  streamId: number;
  /** By name; values of a repeated name are joined by ", ". */
  headers: Record<string, string>;
  /** In order of arrival. */
  fields: (readonly [name: string, value: string])[];
  endStream: boolean;
  /** Size of the encoded block. */
  blockBytes: number;
}

export class PeerConnection extends PeerSender {
  readonly #inbox: FrameInbox;
  readonly #decoder = new HpackDecoder({ maxTableSizeBytes: 4096, maxHeaderListBytes: 1 << 20 });

  constructor(socket: Socket) {
    super(socket);
    this.#inbox = new FrameInbox(socket, this.conduct);
  }

  /** Expects the client's magic and its first frame, SETTINGS. */
  async expectPreface(options: ExpectOptions = {}): Promise<Settings> {
    const frame = await this.#inbox.expect("SETTINGS", { timeoutMs: options.timeoutMs });
    if (frame.flags & FLAG.ack) throw new Error("expected the client's SETTINGS, got an ACK");
    return parseSettings(frame.payload);
  }

  /** Expects a change of SETTINGS after the preface. */
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

  /** Exchanges SETTINGS and ACKs, so that the connection is ready for requests. */
  async handshake(settings: Settings = {}): Promise<Settings> {
    const theirs = await this.expectPreface();
    this.sendSettings(settings);
    this.ackSettings();
    await this.expectSettingsAck({ skip: ["WINDOW_UPDATE"] });
    return theirs;
  }

  /** Expects a complete header block, with its CONTINUATION frames. */
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

  /** Expects one DATA frame; returns it without padding. */
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

  /** Expects any frame. */
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

  /** Expects the client to close the connection, with only skipped frames before. */
  async expectClose(options: ExpectOptions = {}): Promise<void> {
    const frame = await this.#inbox.next(options);
    if (frame === undefined) return;
    throw new Error(`expected the end of the connection, got ${describeFrame(frame)}`);
  }

  /**
   * Asserts that the client sent only skipped frames. The client must answer a PING next; its replies
   * to earlier frames arrive before that answer.
   */
  async expectNothing(options: ExpectOptions = {}): Promise<void> {
    this.sendPing(Buffer.from("nothing?"));
    const frame = await this.#inbox.next(options);
    if (frame?.kind === "PING" && frame.payload.equals(Buffer.from("nothing?"))) return;
    throw new Error(`expected nothing, got ${frame ? describeFrame(frame) : this.#inbox.ended}`);
  }
}
