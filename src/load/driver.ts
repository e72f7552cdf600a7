/**
 * Runs the loop of one worker: it ties pacing (when), workload (what), transport (how) and recorders
 * (the outcome). A client has at most one operation in flight, of one call or several, and all state is
 * in arrays by client or slot, so that nothing is allocated per request.
 */

import { type CallListener, type RequestTemplate, Status, type Transport } from "#wire";
import { nowNs } from "../clock.ts";
import { describeCut, HELD_BACK, HELD_BACK_US, UNSENT, type Until } from "./held-back.ts";
import { IdleClients } from "./pacing/idle-clients.ts";
import { Pacer, type WaitStrategy } from "./pacing/pacer.ts";
import { Sending } from "./pacing/sending.ts";
import type { Phase, PhaseOutcome } from "./phase.ts";
import { PhaseTimers } from "./phase-timers.ts";
import { NO_SLOT, type RequestDetailsReader } from "./recording/request-details.ts";
import { SeriesRecording } from "./recording/series-recording.ts";
import type { Operations, Workload } from "./workload.ts";

export interface DriverOptions {
  clients: number;
  /** At least one for each client; a workload may use more. */
  slots: number;
  /** Of each call of an operation. */
  timeoutMs: number;
  wait: WaitStrategy;
}

/** The deadline sweep's step, as a share of the timeout and within these bounds. */
const SWEEP_SHARE = 1 / 20;
const SHORTEST_SWEEP_MS = 5;
const LONGEST_SWEEP_MS = 100;
/** A sweep that comes after so many of its steps is late. */
const LATE_SWEEPS = 2;

/** Why a slot's call is not its first. */
const Resent = { NO: 0, REFUSED: 1, RENEWED: 2 } as const;

/** In place of a client. */
const NONE = -1;

export class Driver extends SeriesRecording implements CallListener, Operations {
  readonly #clients: number;
  readonly #timeoutNs: number;
  readonly #sweepMs: number;
  readonly #pacer: Pacer;
  readonly #timers = new PhaseTimers();
  #transport!: Transport;
  #phase: Phase | null = null;
  /** Of that phase. */
  #sending!: Sending;
  /** Stays between phases: streams go on. */
  #workload: Workload | null = null;
  #onPhaseEnd: ((outcome: PhaseOutcome) => void) | null = null;

  readonly #isInFlight: Uint8Array;
  /** When the client's operation began, when it was due, and when its last call was sent. */
  readonly #sentNs: Float64Array;
  readonly #dueNs: Float64Array;
  readonly #stepNs: Float64Array;
  /** Which slot that call is in. */
  readonly #slotOf: Uint32Array;
  /** By slot: whose operation made the last call there; NONE: the workload itself makes them. */
  readonly #clientOf: Int32Array;
  /** By slot, a value of Resent. */
  readonly #isResent: Uint8Array;
  /** Of the call that is given back, until it is sent again. */
  #unprocessedReason = "";
  readonly #idle: IdleClients;
  #inFlight = 0;
  #sweptNs = 0;
  #lastEndNs = 0;
  #lastSendNs = 0;
  #lastDueNs = 0;
  #beganNs = 0;

  constructor(options: DriverOptions) {
    super();
    const { clients, slots, timeoutMs, wait } = options;
    this.#clients = clients;
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
    this.#isInFlight = new Uint8Array(clients);
    this.#sentNs = new Float64Array(clients);
    this.#dueNs = new Float64Array(clients);
    this.#stepNs = new Float64Array(clients);
    this.#slotOf = Uint32Array.from({ length: clients }, (_, client) => client);
    this.#clientOf = new Int32Array(slots).fill(NONE);
    this.#isResent = new Uint8Array(slots);
    this.#idle = new IdleClients(clients);
  }

  /**
   * The transport needs its listener first; this closes the circle.
   * @param details null: none of the slowest requests are kept
   */
  attach(transport: Transport, details: RequestDetailsReader | null = null): void {
    this.#transport = transport;
    this.details = details;
  }

  /** Runs one phase; resolves when its last request has ended. */
  run(phase: Phase): Promise<PhaseOutcome> {
    this.#phase = phase;
    this.#workload = phase.workload;
    this.#sending = new Sending(phase);
    this.beginRecording(phase, this.#sending);
    this.#idle.clear();
    this.#lastEndNs = phase.startNs;
    this.#lastSendNs = phase.startNs;
    this.#lastDueNs = phase.startNs;
    this.#beganNs = phase.startNs;
    phase.workload.restart(phase.isMeasured ?? true);
    return new Promise((resolve) => {
      this.#onPhaseEnd = resolve;
      this.#timers.at(phase.startNs, () => this.#begin(phase));
      if (phase.endNs !== Number.POSITIVE_INFINITY) {
        this.#timers.at(phase.endNs, () => this.#afterSchedule(phase, nowNs()));
      }
    });
  }

  /** Sends nothing more; what is in flight may still end within `drainMs`, and then fails. */
  stop(drainMs: number): void {
    const phase = this.#phase;
    if (phase === null) return;
    const now = nowNs();
    phase.endNs = Math.min(phase.endNs, now);
    // With clients free, what is due by now only waits for its turn: nothing was in its way.
    if (this.#idle.count > 0) phase.endNs = Math.min(phase.endNs, phase.arrivals?.dueNs ?? now);
    this.#timers.after(drainMs, () => this.#abandonInFlight());
    this.#endSending(now);
  }

  /** Of an operation's first call only: a later one is within its service time. */
  onCallSent(slot: number, now: number, wasHeld: boolean): void {
    const client = this.#clientOf[slot]!;
    if (client === NONE) {
      this.#workload?.onOwnCallSent?.(slot, now, wasHeld);
      return;
    }
    if (this.#slotOf[client] !== slot || this.#isResent[slot] !== Resent.NO) return;
    if (!this.#begins(client)) return;
    this.#sentNs[client] = now;
    if (!wasHeld) return;
    this.#noteHeld(client, now);
    for (const joined of this.#workload!.joinedTo?.(slot) ?? []) {
      if (!this.#begins(joined)) continue;
      this.#sentNs[joined] = now;
      this.#noteHeld(joined, now);
    }
  }

  /** Nothing of its operation in flight is known to have left. */
  #begins(client: number): boolean {
    return this.#isInFlight[client] === 1 && this.#stepNs[client] === this.#sentNs[client];
  }

  #noteHeld(client: number, now: number): void {
    this.count(0, HELD_BACK, 1);
    this.count(0, HELD_BACK_US, Math.round((now - this.#stepNs[client]!) / 1e3));
    this.#workload!.onCallSent?.(client, now);
  }

  onCallEnd(slot: number, status: number, message: string, now: number): void {
    this.slot = slot;
    this.#workload!.onCallEnd(slot, status, message, now);
    this.slot = NO_SLOT;
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, now: number): void {
    this.slot = slot;
    this.#workload!.onMessage!(slot, bytes, start, end, now);
    this.slot = NO_SLOT;
  }

  onCallUnprocessed(slot: number, now: number, isTokenRenewed = false, reason = ""): void {
    const before = this.#isResent[slot]!;
    // Once only, so that a server that refuses for ever cannot keep a request going round; how often
    // a token is renewed has a bound of its own.
    if (before === Resent.REFUSED && !isTokenRenewed) {
      this.onCallEnd(slot, Status.UNAVAILABLE, "refused twice, never processed", now);
      return;
    }
    this.#unprocessedReason = reason;
    this.#workload!.onCallUnprocessed(slot, now, isTokenRenewed);
    if (isTokenRenewed && this.#isResent[slot] === Resent.REFUSED && before !== Resent.REFUSED) {
      this.#isResent[slot] = Resent.RENEWED;
    }
  }

  call(client: number, slot: number, template: RequestTemplate, now: number): void {
    this.#isResent[slot] = Resent.NO;
    this.#stepNs[client] = now;
    this.#slotOf[client] = slot;
    this.#clientOf[slot] = client;
    this.#transport.call(slot, template);
  }

  resend(slot: number, template: RequestTemplate): void {
    this.#isResent[slot] = Resent.REFUSED;
    this.#phase?.recorders[0]?.resent(this.#unprocessedReason);
    this.#transport.call(slot, template);
  }

  end(client: number, status: number, message: string, now: number, series = 0): void {
    this.#isInFlight[client] = 0;
    this.#inFlight -= 1;
    this.#lastEndNs = now;
    const dueNs = this.#dueNs[client]!;
    const serviceNs = now - this.#sentNs[client]!;
    const slot = this.#slotOf[client]!;
    this.recordEnd(series, status, message, serviceNs, now - dueNs, dueNs, slot);
    this.#next(this.#phase!, client, now);
  }

  /** Time in which the pacer has waited although the event loop counts as active. */
  get waitedNs(): number {
    return this.#pacer.waitedNs;
  }

  protected requestIn(slot: number): RequestTemplate | null {
    const client = slot < this.#clients ? slot : (this.#workload?.clientOf?.(slot) ?? -1);
    return client < 0 ? null : (this.#workload?.requestOf?.(client) ?? null);
  }

  dueNs(client: number): number {
    return this.#dueNs[client]!;
  }

  settled(): void {
    this.#endIfDone();
  }

  enough(now: number): void {
    const phase = this.#phase;
    if (phase === null) return;
    if (now >= phase.endNs) return;
    phase.endNs = now;
    this.#afterSchedule(phase, now);
  }

  #begin(phase: Phase): void {
    const now = nowNs();
    this.#beganNs = now;
    // Not before: a workload that has not begun would seem to be done.
    this.#sweptNs = now;
    this.#timers.every(this.#sweepMs, () => this.#sweepDeadlines());
    phase.workload.onPhaseStart?.(now);
    // It may have had nothing to do.
    if (this.#phase !== phase) return;
    if (phase.arrivals !== null) {
      for (let client = 0; client < this.#clients; client++) this.#idle.rest(client);
      this.#pacer.start();
      // A worker to which no request is dealt has nothing that could end the phase later.
      this.#endIfDone();
      return;
    }
    for (let client = 0; client < this.#clients; client++) this.#next(phase, client, now);
    this.#transport.flush();
  }

  /** Gives a free client its next request, or lets it rest. */
  #next(phase: Phase, client: number, now: number): void {
    const { arrivals } = phase;
    if (arrivals === null) {
      if (this.#sending.isOpen(now)) this.#send(phase, client, now, now);
      else this.#endIfDone();
      return;
    }
    if (this.#sending.isDue(arrivals, now)) {
      // Others were free when it came due: it is late because the pacer has not come round yet.
      if (this.#idle.count > 0) phase.recorders[0]!.dispatched(now - arrivals.dueNs);
      this.#send(phase, client, arrivals.dueNs, now);
      arrivals.advance();
      return;
    }
    this.#idle.rest(client);
    if (this.#sending.isOver(now)) this.#endIfDone();
    // With others at rest already, the pacer is awake or has its timer set.
    else if (this.#idle.count === 1) this.#pacer.wake();
  }

  /** Sends what the schedule has due while clients are free; the pacer's tick. */
  #sendDue(now: number): number {
    const phase = this.#phase;
    const arrivals = phase?.arrivals;
    if (phase == null || arrivals == null) return Number.POSITIVE_INFINITY;
    while (this.#idle.count > 0 && this.#sending.isDue(arrivals, now)) {
      const client = this.#idle.take();
      phase.recorders[0]!.dispatched(now - arrivals.dueNs);
      this.#send(phase, client, arrivals.dueNs, now);
      arrivals.advance();
    }
    this.#transport.flush();
    return this.#idle.count === 0 ? Number.POSITIVE_INFINITY : this.#sending.nextDueNs(arrivals);
  }

  #send(phase: Phase, client: number, dueNs: number, now: number): void {
    this.#sending.started += 1;
    this.#inFlight += 1;
    this.#isInFlight[client] = 1;
    this.#dueNs[client] = dueNs;
    this.#sentNs[client] = now;
    this.#stepNs[client] = now;
    this.#lastSendNs = now;
    this.#lastDueNs = dueNs;
    phase.workload.begin(client, now);
  }

  #sweepDeadlines(): void {
    const now = nowNs();
    const sinceLastNs = now - this.#sweptNs;
    this.#sweptNs = now;
    if (sinceLastNs <= LATE_SWEEPS * this.#sweepMs * 1e6) this.#sweep();
    // This process has paused: answers that came meanwhile are read before any is given up.
    else setImmediate(() => this.#sweep());
  }

  #sweep(): void {
    const now = nowNs();
    this.#phase?.workload.tick?.(now);
    const latestNs = now - this.#timeoutNs;
    for (let client = 0; client < this.#clients; client++) {
      if (this.#isInFlight[client] === 1 && this.#stepNs[client]! <= latestNs) {
        this.#cut(client, Status.DEADLINE_EXCEEDED, "within the timeout", now);
      }
    }
    this.#transport.flush();
    // Effects get as long as an answer would, each after the one before.
    const lastNs = Math.max(this.#lastEndNs, this.lastEffectNs);
    if (this.#phase === null || this.#inFlight > 0 || lastNs > latestNs) return;
    if (this.#sending.isOver(now)) this.#giveUpUnsettled(now, false);
  }

  #abandonInFlight(): void {
    const now = nowNs();
    for (let client = 0; client < this.#clients; client++) {
      if (this.#isInFlight[client] !== 1) continue;
      this.#cut(client, Status.CANCELLED, "before the run ended", now);
    }
    this.#transport.flush();
    this.#giveUpUnsettled(now, true);
  }

  /** Ends an operation whose answer is not waited for any longer; `until` says how long it was. */
  #cut(client: number, status: number, until: Until, now: number): void {
    const workload = this.#workload!;
    const { isUnsent, message } = describeCut(this.#transport, this.#slotOf[client]!, until);
    if (isUnsent) this.count(0, UNSENT, 1);
    workload.cancel(client, now, status, message);
    this.end(client, status, message, now, workload.seriesOf?.(client));
  }

  #giveUpUnsettled(now: number, isStopped: boolean): void {
    if (this.#phase === null) return;
    this.#workload!.giveUp?.(now, isStopped);
    this.#endIfDone();
  }

  /**
   * Nothing more comes due. What was due before is sent: at once with the clients that are free,
   * the rest by those that come free within the time that an answer may take.
   */
  #afterSchedule(phase: Phase, now: number): void {
    this.#sendDue(now);
    this.#pacer.stop();
    if (this.#phase !== phase || phase.arrivals === null) {
      this.#endIfDone();
      return;
    }
    this.#timers.after(this.#timeoutNs / 1e6, () => this.#endSending(nowNs()));
    this.#endIfDone();
  }

  #endSending(now: number): void {
    this.#sending.end(now);
    this.#pacer.stop();
    this.#endIfDone();
  }

  #endIfDone(): void {
    const phase = this.#phase;
    const now = nowNs();
    if (phase === null || this.#inFlight > 0 || !this.#sending.isOver(now)) return;
    phase.workload.onOperationsOver?.();
    if ((phase.workload.unsettled ?? 0) > 0) return;
    this.#pacer.stop();
    this.#timers.clear();
    const dropped = this.#sending.dropRest(now, this);
    this.#phase = null;
    this.endRecording();
    this.#onPhaseEnd?.({
      started: this.#sending.started,
      dropped,
      lastEndNs: this.#lastEndNs,
      lastEffectNs: Math.max(this.#lastEndNs, this.lastEffectNs),
      lastSendNs: this.#lastSendNs,
      lastDueNs: this.#lastDueNs,
      beganNs: this.#beganNs,
    });
  }
}
