/**
 * Sends the metrics of a run to a receiver once a second, a frame each. A receiver that is slow, refuses
 * or hangs costs frames, which are counted, and never holds up the run: one request is under way at a
 * time, and of what comes due meanwhile the newest frame waits and the others are dropped. Counters are
 * cumulative, so that a dropped frame costs resolution alone.
 */
import { connectWords } from "../net/connect-words.ts";
import type { ClientSecond } from "../run/client-seconds.ts";
import type { RunObserver } from "../run/observer.ts";
import type { MetricFamily } from "./metric-family.ts";
import type { RunMetrics } from "./run-metrics.ts";

/** A request that is not answered by then has failed. */
const REQUEST_MS = 5_000;
/** How long the end of the run waits for the last frame. */
const LAST_FRAME_MS = 2_000;

export interface Frame {
  families: readonly MetricFamily[];
  /** Rises from frame to frame of a run. */
  unixMs: number;
  /** When the run began to count. */
  startUnixMs: number;
}

export interface Receiver {
  /** As `--output` names it. */
  readonly name: string;
  /** Where it is, without secrets. */
  readonly address: string;
  /** Encodes and sends it. Rejects with the reason where it was not taken. */
  deliver(frame: Frame, signal: AbortSignal): Promise<void>;
}

export interface FrameSenderOptions {
  /** Has to observe the run before this does. */
  metrics: RunMetrics;
  receiver: Receiver;
  say: (line: string) => void;
  lastFrameMs?: number;
}

export class FrameSender implements RunObserver {
  readonly #options: FrameSenderOptions;
  #underWay: Promise<void> | null = null;
  /** Of the request under way. */
  #request = new AbortController();
  #isAbandoned = false;
  /** The newest one, where another is under way. */
  #waiting: Frame | null = null;
  #unixMs = 0;
  #frames = 0;
  #dropped = 0;
  #firstFailure: string | null = null;

  constructor(options: FrameSenderOptions) {
    this.#options = options;
  }

  onStart(): void {
    this.#unixMs = 0;
  }

  onClient({ fromNs, toNs }: ClientSecond): void {
    // What a phase adds at its end is in the frame of the result.
    if (toNs !== fromNs) this.#offer();
  }

  onEnd(): void {
    this.#offer();
  }

  /**
   * Waits for what is under way, for 2 s at most and until `stop` is aborted.
   * @returns a note for the result where frames were dropped, else null
   */
  async close(stop: AbortSignal): Promise<string | null> {
    const abandon = () => {
      this.#isAbandoned = true;
      this.#request.abort();
    };
    if (stop.aborted) abandon();
    const timer = setTimeout(abandon, this.#options.lastFrameMs ?? LAST_FRAME_MS);
    stop.addEventListener("abort", abandon, { once: true });
    while (this.#underWay !== null) await this.#underWay;
    clearTimeout(timer);
    stop.removeEventListener("abort", abandon);
    if (this.#dropped === 0) return null;
    const { name, address } = this.#options.receiver;
    const why = this.#firstFailure === null ? "it was slow" : `first: ${this.#firstFailure}`;
    return `${name}: ${this.#dropped} of ${this.#frames} frames did not reach ${address} (${why}).`;
  }

  #offer(): void {
    const { metrics } = this.#options;
    this.#frames += 1;
    // This frame takes its place, and has the count of it.
    if (this.#waiting !== null) this.#drop();
    this.#unixMs = Math.max(metrics.unixMs, this.#unixMs + 1);
    const frame = {
      families: metrics.families(),
      unixMs: this.#unixMs,
      startUnixMs: metrics.startUnixMs,
    };
    if (this.#underWay === null) this.#send(frame);
    else this.#waiting = frame;
  }

  #send(frame: Frame): void {
    this.#underWay = this.#deliver(frame).finally(() => {
      this.#underWay = null;
      const next = this.#waiting;
      this.#waiting = null;
      if (next !== null) this.#send(next);
    });
  }

  async #deliver(frame: Frame): Promise<void> {
    const request = new AbortController();
    this.#request = request;
    if (this.#isAbandoned) request.abort();
    const timer = setTimeout(() => request.abort(), REQUEST_MS);
    try {
      await this.#options.receiver.deliver(frame, request.signal);
    } catch (error) {
      this.#drop();
      this.#failed(
        request.signal.aborted ? "it did not answer in time" : connectWords(error as Error),
      );
    } finally {
      clearTimeout(timer);
    }
  }

  #failed(reason: string): void {
    if (this.#firstFailure !== null) return;
    this.#firstFailure = reason;
    const { receiver, say } = this.#options;
    say(
      `${receiver.name}: ${receiver.address} did not take a frame: ${reason}; the run goes on, and frames are dropped`,
    );
  }

  #drop(): void {
    this.#dropped += 1;
    this.#options.metrics.frameDropped(this.#options.receiver.name);
  }
}
