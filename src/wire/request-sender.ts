/**
 * Sends for a connection: requests, messages and control frames go into its output in their order,
 * requests as far as the server's windows allow.
 */
import type { Socket } from "node:net";
import { FRAME_HEADER_BYTES, rstStreamFrame } from "./frames.ts";
import { Output } from "./output.ts";
import type { PeerSettings } from "./peer-settings.ts";
import {
  CLIENT_OPENING,
  type WireTemplate,
  withTableSizeUpdate,
  writeData,
  writeHeaders,
  writeRequest,
} from "./request.ts";
import { SendQueue } from "./send-queue.ts";
import { CallMode } from "./transport.ts";
import { UnwrittenReplies } from "./unwritten-replies.ts";

export class RequestSender {
  readonly #headersFrames: readonly Buffer[];
  readonly #peer: PeerSettings;
  readonly #output: Output;
  readonly #queue: SendQueue;
  readonly #replies = new UnwrittenReplies();

  /** `isLateWriter`: as Output has it. */
  constructor(headersFrames: readonly Buffer[], peer: PeerSettings, isLateWriter: boolean) {
    this.#headersFrames = headersFrames;
    this.#peer = peer;
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
    let headers = this.#headersFrames[pathIndex]!;
    if (this.#peer.hasLoweredHeaderTable) {
      this.#peer.hasLoweredHeaderTable = false;
      headers = withTableSizeUpdate(headers);
    }
    if (mode === CallMode.STREAM) {
      writeHeaders(this.#output, headers, streamId);
      this.#queue.openStream(streamId);
      this.send(streamId, frame, frameBytes);
    } else if (this.#queue.takeWhole(frameBytes - FRAME_HEADER_BYTES)) {
      writeRequest(this.#output, headers, frame, frameBytes, streamId);
    } else {
      writeHeaders(this.#output, headers, streamId);
      const payload = frame.subarray(FRAME_HEADER_BYTES, frameBytes);
      this.#queue.sendOrHold(streamId, payload, this.#output);
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

  /** Queues a control frame. */
  append(frame: Buffer): void {
    this.#output.append(frame);
    this.#replies.add(frame.length, this.#output.positionBytes);
  }

  reset(streamId: number, code: number): void {
    this.append(rstStreamFrame(streamId, code));
  }

  /** Octets of control frames that `socket` has not written; requests do not count. */
  unwrittenReplyBytes(socket: Socket): number {
    return this.#replies.unwrittenBytes(this.#output.writtenBytes(socket));
  }

  /** Whether the connection's window lets a new request send anything. */
  get hasWindow(): boolean {
    return this.#queue.hasWindow;
  }

  /** Whether part of what was sent on the stream waits for a window. */
  isHoldingBack(streamId: number): boolean {
    return this.#queue.isHoldingBack(streamId);
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
