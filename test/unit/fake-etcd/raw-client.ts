/** A test client that sends any octets to the fake etcd, frame by frame. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { encodeHeaderBlock } from "../../../src/wire/hpack/encoder.ts";
import { patient } from "../../harness/patience.ts";
import {
  CLIENT_MAGIC,
  cutFrames,
  FLAG,
  type Frame,
  type Settings,
  serializeFrame,
  serializeSettings,
} from "../../peers/wire-peer-frames.ts";

const PATIENCE_MS = patient(20_000);

export class RawClient {
  readonly socket: Socket;
  /** All frames received. */
  readonly frames: Frame[] = [];
  isClosed = false;
  #rest: Buffer = Buffer.alloc(0);
  #wake = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      const { frames, rest } = cutFrames(Buffer.concat([this.#rest, chunk]));
      this.frames.push(...frames);
      this.#rest = rest;
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  send(...parts: Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** Waits for a condition on `frames` or `isClosed`. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!holds()) {
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) throw new Error(`no ${what}; came: ${this.frames.map(nameOf).join(", ")}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Ended streams, in the order of their ends. */
  get endedStreams(): number[] {
    return this.frames
      .filter(({ kind, flags }) => kind === "HEADERS" && (flags & FLAG.endStream) !== 0)
      .map(({ streamId }) => streamId);
  }

  count(kind: Frame["kind"], flags = 0): number {
    return this.frames.filter((frame) => frame.kind === kind && (frame.flags & flags) === flags)
      .length;
  }

  close(): void {
    this.socket.destroy();
  }
}

export function preface(settings: Settings = {}): Buffer {
  return Buffer.concat([
    CLIENT_MAGIC,
    serializeFrame("SETTINGS", 0, 0, serializeSettings(settings)),
  ]);
}

export function requestHeaders(streamId: number, path: string): Buffer {
  const block = encodeHeaderBlock([
    [":method", "POST"],
    [":scheme", "http"],
    [":path", path],
    [":authority", "null"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
  ]);
  return serializeFrame("HEADERS", FLAG.endHeaders, streamId, block);
}

/** A message of `messageBytes` zero octets; the server does not read it. */
export function requestData(streamId: number, messageBytes = 10): Buffer {
  return serializeFrame("DATA", FLAG.endStream, streamId, Buffer.alloc(5 + messageBytes));
}

export function windowUpdate(streamId: number, incrementBytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(incrementBytes);
  return serializeFrame("WINDOW_UPDATE", 0, streamId, payload);
}

function nameOf({ kind, streamId }: Frame): string {
  return `${kind} ${streamId}`;
}
