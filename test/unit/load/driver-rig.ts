/** Runs a driver on a fake transport under a virtual clock, and reads the results of its phases. */
import * as assert from "uvu/assert";
import { Driver } from "../../../src/load/driver.ts";
import { type Arrivals, ConstantArrivals } from "../../../src/load/pacing/arrivals.ts";
import type { WaitStrategy } from "../../../src/load/pacing/pacer.ts";
import type { Phase, PhaseOutcome } from "../../../src/load/phase.ts";
import { Recorder, type RecorderSnapshot } from "../../../src/load/recording/recorder.ts";
import { splitLoad } from "../../../src/plan/shares.ts";
import { LatencyHistogram } from "../../../src/stats/histogram.ts";
import {
  type RequestSource,
  SingleCalls,
} from "../../../src/workloads/parts/calls/single-calls.ts";
import { VirtualTime } from "../../harness/virtual-time.ts";
import { FakeTransport } from "./fake-transport.ts";

/** Time between the order and the start, so that in a real run all workers get the order. */
const LEAD_MS = 20;

/** Requests that contain their own number, so that a repeated request is recognized. */
class Numbered implements RequestSource {
  readonly #template = { path: "/a.B/C", bytes: Buffer.alloc(6), messageOffset: 0 };
  #next = 0;

  next(): number {
    return this.#next++;
  }

  request(ticket: number) {
    this.#template.bytes.writeUIntBE(ticket, 0, 6);
    return this.#template;
  }

  restart(): void {
    this.#next = 0;
  }
}

export interface PhaseOptions {
  requests?: number;
  durationMs?: number;
  ratePerSec?: number;
}

export interface Running {
  phase: Phase;
  startNs: number;
  outcome: PhaseOutcome | null;
}

/** In addition to the clients' own. */
const EXTRA_SLOTS = 1;

/** Histograms keep WebAssembly memory, so all rigs share one recorder. */
let sharedRecorder: Recorder | undefined;

export class DriverRig {
  readonly time: VirtualTime;
  readonly driver: Driver;
  readonly transport: FakeTransport;
  readonly #clients: number;
  readonly #recorder: Recorder;
  readonly #workload: SingleCalls;

  constructor(time: VirtualTime, clients: number, timeoutMs = 1_000, wait: WaitStrategy = "nap") {
    sharedRecorder ??= new Recorder();
    this.#recorder = sharedRecorder;
    this.#recorder.takeSnapshot();
    this.time = time;
    this.#clients = clients;
    this.driver = new Driver({ clients, slots: clients + EXTRA_SLOTS, timeoutMs, wait });
    this.transport = new FakeTransport(this.driver);
    this.driver.attach(this.transport);
    this.#workload = new SingleCalls(new Numbered(), clients, this.driver, this.transport);
  }

  /** Starts a phase; nothing happens until time passes. */
  start(options: PhaseOptions): Running {
    const startNs = this.time.nowNs + LEAD_MS * 1e6;
    const phase: Phase = {
      workload: this.#workload,
      recorders: [this.#recorder],
      arrivals: this.#arrivals(startNs, options.ratePerSec),
      requests: options.requests ?? Number.POSITIVE_INFINITY,
      startNs,
      endNs:
        options.durationMs === undefined
          ? Number.POSITIVE_INFINITY
          : startNs + options.durationMs * 1e6,
    };
    const running: Running = { phase, startNs, outcome: null };
    void this.driver.run(phase).then((outcome) => {
      running.outcome = outcome;
    });
    return running;
  }

  /** Lets time pass until the phase has ended. */
  async finish(running: Running, limitMs = 60_000): Promise<PhaseOutcome> {
    const isOver = await this.time.until(() => running.outcome !== null, limitMs);
    if (!isOver) throw new Error(`the phase has not ended within ${limitMs} ms`);
    if (this.transport.fault !== null) throw new Error(this.transport.fault);
    if (this.transport.pending.size > 0) throw new Error("calls were left when the phase ended");
    if (this.time.pendingTimers > 0) throw new Error("timers were left when the phase ended");
    return running.outcome!;
  }

  snapshot(): RecorderSnapshot {
    return this.#recorder.takeSnapshot();
  }

  #arrivals(startNs: number, ratePerSec: number | undefined): Arrivals | null {
    if (ratePerSec === undefined) return null;
    const load = { connections: 1, clients: this.#clients, workers: 1 };
    return new ConstantArrivals(startNs, ratePerSec, splitLoad(load, ["a:1"])[0]!);
  }
}

/** Runs `use` with a rig under a virtual clock. */
export async function withRig(
  clients: number,
  use: (rig: DriverRig) => Promise<void>,
  timeoutMs?: number,
  wait?: WaitStrategy,
): Promise<void> {
  await VirtualTime.during((time) => use(new DriverRig(time, clients, timeoutMs, wait)));
}

/** The count, minimum and maximum of an encoded histogram, in ms; zeros without one. */
export function figuresOf(encoded: Uint8Array | null): {
  count: number;
  minMs: number;
  maxMs: number;
} {
  const histogram = new LatencyHistogram();
  if (encoded !== null) histogram.addEncoded(encoded);
  const { count, minNs, maxNs } = histogram;
  histogram.destroy();
  return { count, minMs: minNs / 1e6, maxMs: maxNs / 1e6 };
}

/** Allows for histogram precision and for steps of the clock. All values are in milliseconds. */
export function assertNear(actualMs: number, expectedMs: number, slackMs = 0.2): void {
  assert.ok(
    Math.abs(actualMs - expectedMs) <= slackMs + expectedMs / 500,
    `${actualMs} ms is not about ${expectedMs} ms`,
  );
}
