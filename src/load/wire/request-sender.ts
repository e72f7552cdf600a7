/**
 * Owns the sending half of a connection: requests, messages and control frames go into its output
 * in their order, requests as far as the server's windows allow.
 */
import type { Socket } from "node:net";
import { CallMode } from "../transport.ts";
import { FRAME_HEADER_BYTES, rstStreamFrame } from "./frames.ts";
import { Output } from "./output.ts";
import type { PeerSettings } from "./peer-settings.ts";
import {
  CLIENT_OPENING,
  type WireTemplate,
  writeData,
  writeHeaders,
  writeRequest,
} from "./request.ts";
import { SendQueue } from "./send-queue.ts";

export class RequestSender {
  readonly #headersFrames: readonly Buffer[];
  readonly #output: Output;
  readonly #queue: SendQueue;

  /** `isLateWriter`: as Output has it. */
  constructor(headersFrames: readonly Buffer[], peer: PeerSettings, isLateWriter: boolean) {
    this.#headersFrames = headersFrames;
    this.#output = new Output(isLateWriter);
    this.#queue = new SendQueue(peer);
    this.#output.append(CLIENT_OPENING);
  }

  /** Opens the stream with the request's headers and first message, copied from `frame` here. */
  open(
    streamId: number,
    { pathIndex, mode }: WireTemplate,
    frame: Buffer,
    frameBytes: number,
  ): void {
    const headers = this.#headersFrames[pathIndex]!;
    if (mode === CallMode.STREAM) {
      writeHeaders(this.#output, headers, streamId);
      this.#queue.openStream(streamId);
      this.send(streamId, frame, frameBytes);
    } else if (this.#queue.takeWhole(frameBytes - FRAME_HEADER_BYTES)) {
      writeRequest(this.#output, headers, frame, frameBytes, streamId);
    } else {
      writeHeaders(this.#output, headers, streamId);
      const payload = frame.subarray(FRAME_HEADER_BYTES, frameBytes);
      this.#queue.hold(streamId, payload, this.#output);
    }
  }

  /** Another message on an open stream. */
  send(streamId: number, frame: Buffer, frameBytes: number): void {
    if (this.#queue.takeWholeOn(streamId, frameBytes - FRAME_HEADER_BYTES)) {
      writeData(this.#output, frame, frameBytes, streamId);
    } else {
      const payload = frame.subarray(FRAME_HEADER_BYTES, frameBytes);
      this.#queue.append(streamId, payload, this.#output);
    }
  }

  append(frame: Buffer): void {
    this.#output.append(frame);
  }

  reset(streamId: number, code: number): void {
    this.#output.append(rstStreamFrame(streamId, code));
  }

  /** False when it overflows the stream's window: a stream error. */
  windowUpdate(streamId: number, incrementBytes: number): boolean {
    return this.#queue.windowUpdate(streamId, incrementBytes, this.#output);
  }

  /** The server changed the window that streams begin with. */
  adjustWindows(deltaBytes: number): void {
    this.#queue.adjust(deltaBytes, this.#output);
  }

  /** Nothing more of the stream is sent; true where our side of it had not ended. */
  forget(streamId: number): boolean {
    return this.#queue.remove(streamId);
  }

  get hasOutput(): boolean {
    return !this.#output.isEmpty;
  }

  flush(socket: Socket): void {
    this.#output.flush(socket);
  }
}
