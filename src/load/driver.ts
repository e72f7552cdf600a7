/**
 * Owns the loop of one worker: it ties pacing (when), workload (what), transport (how) and recorder
 * (what came of it). A client has at most one request in flight, and its number is the slot of its
 * call, so that nothing is allocated per request.
 */
import { nowNs } from "./clock.ts";
import type { Arrivals } from "./pacing/arrivals.ts";
import { Pacer, type WaitStrategy } from "./pacing/pacer.ts";
import type { Recorder } from "./recording/recorder.ts";
import type { CallListener, Transport } from "./transport.ts";
import { Status } from "./wire/grpc-status.ts";
import type { Workload } from "./workload/workload.ts";

/** One stretch of load: the path's warm-up, the real warm-up, or a measured slice. */
export interface Phase {
  workload: Workload;
  recorder: Recorder;
  /** Null: a closed loop, in which each client sends again as soon as it has its answer. */
  arrivals: Arrivals | null;
  /** Requests of this worker; Infinity without a total. */
  requests: number;
  startNs: number;
  /** No request is sent at or after this moment; Infinity without a duration. */
  endNs: number;
}

export interface PhaseOutcome {
  started: number;
  /** Due before the end, and never sent. */
  dropped: number;
  /** When the last request ended, in this thread's time. */
  lastEndNs: number;
  /** When the last request was sent, and when it was due; the phase's start without one. */
  lastSendNs: number;
  lastDueNs: number;
  /** Time in which the pacer waited although the event loop counts as active. */
  waitedNs: number;
}

export interface DriverOptions {
  slots: number;
  timeoutMs: number;
  wait: WaitStrategy;
}

/** The deadline sweep's step, as a share of the timeout and within these bounds. */
const SWEEP_SHARE = 1 / 20;
const SHORTEST_SWEEP_MS = 5;
const LONGEST_SWEEP_MS = 100;

export class Driver implements CallListener {
  readonly #slots: number;
  readonly #timeoutNs: number;
  readonly #sweepMs: number;
  readonly #pacer: Pacer;
  #transport!: Transport;
  #phase: Phase | null = null;
  #onPhaseEnd: ((outcome: PhaseOutcome) => void) | null = null;
  #timers: NodeJS.Timeout[] = [];

  readonly #isInFlight: Uint8Array;
  readonly #sentNs: Float64Array;
  readonly #dueNs: Float64Array;
  readonly #ticket: Float64Array;
  readonly #isResent: Uint8Array;
  /** Free clients of a paced run, as a ring: the one that has rested longest is next. */
  readonly #idle: Int32Array;
  #idleFirst = 0;
  #idleCount = 0;
  #inFlight = 0;
  #started = 0;
  #lastEndNs = 0;
  #lastSendNs = 0;
  #lastDueNs = 0;

  constructor(options: DriverOptions) {
    const { slots, timeoutMs, wait } = options;
    this.#slots = slots;
    this.#timeoutNs = timeoutMs * 1e6;
    this.#sweepMs = Math.min(
      LONGEST_SWEEP_MS,
      Math.max(SHORTEST_SWEEP_MS, timeoutMs * SWEEP_SHARE),
    );
    this.#pacer = new Pacer(
      wait,
      (now) => this.#sendDue(now),
      () => this.#inFlight > 0,
    );
    this.#isInFlight = new Uint8Array(slots);
    this.#sentNs = new Float64Array(slots);
    this.#dueNs = new Float64Array(slots);
    this.#ticket = new Float64Array(slots);
    this.#isResent = new Uint8Array(slots);
    this.#idle = new Int32Array(slots);
  }

  /** The transport needs its listener first; this closes the circle. */
  attach(transport: Transport): void {
    this.#transport = transport;
  }

  /** Runs one phase; resolves when its last request has ended. */
  run(phase: Phase): Promise<PhaseOutcome> {
    this.#phase = phase;
    this.#started = 0;
    this.#idleFirst = 0;
    this.#idleCount = 0;
    this.#lastEndNs = phase.startNs;
    this.#lastSendNs = phase.startNs;
    this.#lastDueNs = phase.startNs;
    phase.workload.restart();
    return new Promise((resolve) => {
      this.#onPhaseEnd = resolve;
      this.#after(phase.startNs, () => this.#begin(phase));
      if (phase.endNs !== Number.POSITIVE_INFINITY) {
        this.#after(phase.endNs, () => this.#afterSends());
      }
      this.#timers.push(setInterval(() => this.#sweepDeadlines(), this.#sweepMs));
    });
  }

  /** Sends nothing more; what is in flight may still end within `drainMs`, and then fails. */
  stop(drainMs: number): void {
    const phase = this.#phase;
    if (phase === null) return;
    phase.endNs = Math.min(phase.endNs, nowNs());
    this.#timers.push(setTimeout(() => this.#abandonInFlight(), drainMs));
    this.#afterSends();
  }

  onCallEnd(slot: number, status: number, message: string, now: number): void {
    // Marked first: recording may not see this slot as running.
    this.#isInFlight[slot] = 0;
    this.#inFlight -= 1;
    this.#lastEndNs = now;
    const phase = this.#phase!;
    const serviceNs = now - this.#sentNs[slot]!;
    if (status !== Status.OK) phase.recorder.failed(serviceNs, status, message);
    else if (phase.arrivals === null) phase.recorder.succeeded(serviceNs);
    else phase.recorder.succeededPaced(serviceNs, now - this.#dueNs[slot]!);
    this.#next(phase, slot, now);
  }

  onCallUnprocessed(slot: number, now: number): void {
    const phase = this.#phase!;
    // Once only, so that a server that refuses for ever cannot keep a request going round.
    if (this.#isResent[slot] === 1) {
      this.onCallEnd(slot, Status.UNAVAILABLE, "refused twice, never processed", now);
      return;
    }
    this.#isResent[slot] = 1;
    phase.recorder.resent();
    this.#transport.call(slot, phase.workload.request(this.#ticket[slot]!));
  }

  #begin(phase: Phase): void {
    const now = nowNs();
    if (phase.arrivals !== null) {
      for (let slot = 0; slot < this.#slots; slot++) this.#rest(slot);
      this.#pacer.start();
      return;
    }
    for (let slot = 0; slot < this.#slots; slot++) this.#next(phase, slot, now);
    this.#transport.flush();
  }

  /** Gives a free client its next request, or lets it rest. */
  #next(phase: Phase, slot: number, now: number): void {
    const { arrivals } = phase;
    if (this.#started < phase.requests && now < phase.endNs) {
      if (arrivals === null) {
        this.#send(phase, slot, now, now);
        return;
      }
      if (arrivals.dueNs <= now) {
        // Others stood free when it came due: it is late because the pacer has not come round yet.
        if (this.#idleCount > 0) phase.recorder.dispatched(now - arrivals.dueNs);
        this.#send(phase, slot, arrivals.dueNs, now);
        arrivals.advance();
        return;
      }
      this.#rest(slot);
      // With others at rest already, the pacer is awake or has its timer set.
      if (this.#idleCount === 1) this.#pacer.wake();
      return;
    }
    this.#endIfDone();
  }

  /** Sends what the schedule has due while clients are free; the pacer's tick. */
  #sendDue(now: number): number {
    const phase = this.#phase;
    const arrivals = phase?.arrivals;
    if (phase == null || arrivals == null) return Number.POSITIVE_INFINITY;
    while (this.#started < phase.requests && arrivals.dueNs <= now && now < phase.endNs) {
      if (this.#idleCount === 0) break;
      const slot = this.#idle[this.#idleFirst]!;
      this.#idleFirst = (this.#idleFirst + 1) % this.#slots;
      this.#idleCount -= 1;
      phase.recorder.dispatched(now - arrivals.dueNs);
      this.#send(phase, slot, arrivals.dueNs, now);
      arrivals.advance();
    }
    this.#transport.flush();
    if (this.#idleCount === 0 || this.#started >= phase.requests || arrivals.dueNs >= phase.endNs) {
      return Number.POSITIVE_INFINITY;
    }
    return arrivals.dueNs;
  }

  #send(phase: Phase, slot: number, dueNs: number, now: number): void {
    const ticket = phase.workload.next();
    this.#started += 1;
    this.#inFlight += 1;
    this.#isInFlight[slot] = 1;
    this.#isResent[slot] = 0;
    this.#ticket[slot] = ticket;
    this.#dueNs[slot] = dueNs;
    this.#sentNs[slot] = now;
    this.#lastSendNs = now;
    this.#lastDueNs = dueNs;
    this.#transport.call(slot, phase.workload.request(ticket));
  }

  #rest(slot: number): void {
    this.#idle[(this.#idleFirst + this.#idleCount) % this.#slots] = slot;
    this.#idleCount += 1;
  }

  #sweepDeadlines(): void {
    const now = nowNs();
    const latestNs = now - this.#timeoutNs;
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#isInFlight[slot] === 1 && this.#sentNs[slot]! <= latestNs) {
        this.#transport.cancel(slot);
        this.onCallEnd(slot, Status.DEADLINE_EXCEEDED, "no answer within the timeout", now);
      }
    }
    this.#transport.flush();
  }

  #abandonInFlight(): void {
    const now = nowNs();
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.#isInFlight[slot] !== 1) continue;
      this.#transport.cancel(slot);
      this.onCallEnd(slot, Status.CANCELLED, "the run ended before the answer came", now);
    }
    this.#transport.flush();
  }

  /** The moment after which nothing is sent has come. */
  #afterSends(): void {
    this.#pacer.stop();
    this.#endIfDone();
  }

  #endIfDone(): void {
    const phase = this.#phase;
    if (phase === null || this.#inFlight > 0) return;
    if (this.#started < phase.requests && nowNs() < phase.endNs) return;
    this.#pacer.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#phase = null;
    this.#onPhaseEnd?.({
      started: this.#started,
      dropped: this.#countDropped(phase),
      lastEndNs: this.#lastEndNs,
      lastSendNs: this.#lastSendNs,
      lastDueNs: this.#lastDueNs,
      waitedNs: this.#pacer.waitedNs,
    });
  }

  #countDropped(phase: Phase): number {
    const { arrivals } = phase;
    if (arrivals === null) return 0;
    let dropped = 0;
    while (this.#started + dropped < phase.requests && arrivals.dueNs < phase.endNs) {
      dropped += 1;
      arrivals.advance();
    }
    return dropped;
  }

  #after(momentNs: number, action: () => void): void {
    const restMs = Math.max(0, (momentNs - nowNs()) / 1e6);
    const timer = setTimeout(() => {
      // Timers count whole milliseconds of the loop's own clock and may fire a little early.
      if (nowNs() < momentNs) this.#after(momentNs, action);
      else action();
    }, Math.ceil(restMs));
    this.#timers.push(timer);
  }
}
