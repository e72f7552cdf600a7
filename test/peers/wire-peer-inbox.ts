/** Queues the frames that a client sent to the scripted peer, and waits for the next one. */
import type { Socket } from "node:net";
import { patient } from "../harness/patience.ts";
import type { ClientConduct } from "./wire-peer-conduct.ts";
import {
  CLIENT_MAGIC,
  cutFrames,
  describeFrame,
  type Frame,
  type FrameKind,
} from "./wire-peer-frames.ts";

/** Timeout; only a failing test reaches it. */
export const PATIENCE_MS = patient(20_000);

export interface ExpectOptions {
  /** Frames of these kinds before the expected frame are ignored. */
  skip?: readonly FrameKind[] | undefined;
  timeoutMs?: number | undefined;
}

export class FrameInbox {
  /** Why no more frames arrive; undefined while more can arrive. */
  ended: string | undefined;
  readonly #conduct: ClientConduct;
  readonly #frames: Frame[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #hasMagic = false;
  #wake: () => void = () => {};

  constructor(socket: Socket, conduct: ClientConduct) {
    this.#conduct = conduct;
    socket.on("data", (chunk: Buffer) => {
      this.#receive(chunk);
      this.#wake();
    });
    socket.on("end", () => this.#finish("the client closed the connection"));
    socket.on("error", (error) => this.#finish(`the connection broke: ${error.message}`));
    socket.on("close", () => this.#finish("the connection is closed"));
  }

  async expect(kind: FrameKind, options: ExpectOptions): Promise<Frame> {
    const frame = await this.next({
      skip: options.skip?.filter((skipped) => skipped !== kind),
      timeoutMs: options.timeoutMs,
    });
    if (frame?.kind === kind) return frame;
    const instead = frame ? `got ${describeFrame(frame)}` : `but ${this.ended}`;
    throw new Error(`expected ${kind}, ${instead}`);
  }

  /** The next frame that is not skipped; undefined at the end of the connection. */
  async next({ skip = [], timeoutMs = PATIENCE_MS }: ExpectOptions): Promise<Frame | undefined> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if (this.#conduct.violation !== undefined) {
        throw new Error(`the client broke RFC 9113: ${this.#conduct.violation}`);
      }
      const frame = this.#frames.shift();
      if (frame !== undefined) {
        if (frame.kind === "UNKNOWN" || !skip.includes(frame.kind)) return frame;
        continue;
      }
      if (this.ended !== undefined) return undefined;
      const isWoken = await wokenBefore(deadline, (wake) => {
        this.#wake = wake;
      });
      if (!isWoken) throw new Error(`waited ${timeoutMs} ms for a frame of the client, none came`);
    }
  }

  #receive(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (!this.#hasMagic) {
      if (this.#bytes.length < CLIENT_MAGIC.length) return;
      const start = this.#bytes.subarray(0, CLIENT_MAGIC.length);
      if (!start.equals(CLIENT_MAGIC)) {
        this.#finish(`the client began with ${JSON.stringify(start.toString("latin1"))}`);
        return;
      }
      this.#hasMagic = true;
      this.#bytes = this.#bytes.subarray(CLIENT_MAGIC.length);
    }
    const { frames, rest } = cutFrames(this.#bytes);
    this.#bytes = rest;
    for (const frame of frames) this.#conduct.received(frame);
    this.#frames.push(...frames);
  }

  #finish(reason: string): void {
    this.ended ??= reason;
    this.#wake();
  }
}

/** Whether the function passed to `register` is called before the deadline (ms of Date.now). */
export function wokenBefore(
  deadlineMs: number,
  register: (wake: () => void) => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), Math.max(0, deadlineMs - Date.now()));
    register(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
