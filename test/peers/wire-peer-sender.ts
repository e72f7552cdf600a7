/** Sends frames of any kind, valid or invalid, on a connection of the scripted peer. */
import type { Socket } from "node:net";
import { encodeHeaderBlock } from "../../src/wire/hpack/encoder.ts";
import { ClientConduct } from "./wire-peer-conduct.ts";
import {
  cutFrames,
  FLAG,
  type FrameKind,
  type Settings,
  serializeFrame,
  serializeSettings,
} from "./wire-peer-frames.ts";

type HeaderFields = readonly (readonly [name: string, value: string])[] | Record<string, string>;

export interface SendHeadersOptions {
  endStream?: boolean;
  /** Offsets in the block at which a CONTINUATION begins. */
  continuationAt?: number | readonly number[];
  /** Padding in octets; 0 sets the flag and adds none. */
  padding?: number;
  priority?: { dependsOn: number; weight: number; exclusive?: boolean };
}

export class PeerSender {
  readonly conduct = new ClientConduct();
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  sendSettings(settings: Settings = {}): void {
    this.sendFrame("SETTINGS", 0, 0, serializeSettings(settings));
  }

  ackSettings(): void {
    this.sendFrame("SETTINGS", FLAG.ack, 0);
  }

  /** Encodes `headers` without Huffman and dynamic table; sends octets unchanged. */
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

  /** Sends a complete answer: headers, one message in one DATA frame, trailers with status 0. */
  sendGrpcOk(streamId: number, message: Uint8Array = new Uint8Array(0)): void {
    this.sendHeaders(streamId, { ":status": "200", "content-type": "application/grpc" });
    this.sendData(streamId, grpcMessage(message));
    this.sendHeaders(streamId, { "grpc-status": "0" }, { endStream: true });
  }

  /** Sends an answer without a message: `status` is a gRPC code; `message` is percent-encoded here. */
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

  /** Sends a frame of any kind or type octet, valid or invalid. */
  sendFrame(
    kind: FrameKind | number,
    flags: number,
    streamId: number,
    payload: Uint8Array = new Uint8Array(0),
  ): void {
    this.sendRaw(serializeFrame(kind, flags, streamId, payload));
  }

  /** Sends raw octets; complete frames among them update the client's windows and settings. */
  sendRaw(bytes: Uint8Array): void {
    for (const frame of cutFrames(Buffer.from(bytes)).frames) this.conduct.sent(frame);
    this.#socket.write(bytes);
  }

  /** Sends octets without tracking, because splitting many frames takes long. */
  sendUncounted(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends pieces of `pieceBytes`, one in each turn of the event loop, to split the client's reads. */
  async sendRawInPieces(bytes: Uint8Array, pieceBytes = 1): Promise<void> {
    for (const frame of cutFrames(Buffer.from(bytes)).frames) this.conduct.sent(frame);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      this.#socket.write(bytes.subarray(at, at + pieceBytes));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Stops reading, so that the client's socket fills, until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes our side after the sent data (FIN). */
  close(): void {
    this.#socket.end();
  }

  /** Closes the connection immediately; over TCP with RST, unless our side is already closed. */
  destroy(): void {
    // Resetting a socket during its shutdown makes Node's loop spin on the descriptor.
    const isSecure = "encrypted" in this.#socket;
    if (this.#socket.writableEnded || isSecure) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }
}

/** A gRPC message with its five-octet prefix: not compressed, and the length. */
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
