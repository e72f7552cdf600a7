/**
 * Owns the loop of one worker: it ties pacing (when), workload (what), transport (how) and recorders
 * (what came of it). A client has at most one operation in flight, of one call or several, and all
 * state is in arrays by client or slot, so that nothing is allocated per request.
 */
import { nowNs } from "./clock.ts";
import { describeCut, HELD_BACK, HELD_BACK_US, UNSENT, type Until } from "./held-back.ts";
import type { Progress } from "./messages.ts";
import type { Arrivals } from "./pacing/arrivals.ts";
import { IdleClients } from "./pacing/idle-clients.ts";
import { Pacer, type WaitStrategy } from "./pacing/pacer.ts";
import { dropRest, type Phase, type PhaseOutcome } from "./phase.ts";
import { PhaseTimers } from "./phase-timers.ts";
import type { LossCause } from "./recording/distinct-counts.ts";
import { MaintenanceMoment } from "./recording/maintenance-moment.ts";
import { NO_SCHEDULE, NOT_SENT } from "./recording/missing-counts.ts";
import type { Recorder } from "./recording/recorder.ts";
import type { CallListener, RequestTemplate, Transport } from "./transport.ts";
import { Status } from "./wire/grpc-status.ts";
import type { Operations, Workload } from "./workload/workload.ts";

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

export class Driver implements CallListener, Operations {
  readonly #clients: number;
  readonly #timeoutNs: number;
  readonly #sweepMs: number;
  readonly #pacer: Pacer;
  readonly #timers = new PhaseTimers();
  readonly #moment = new MaintenanceMoment();
  #transport!: Transport;
  #phase: Phase | null = null;
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
  /** By slot, a value of Resent. */
  readonly #isResent: Uint8Array;
  readonly #idle: IdleClients;
  #inFlight = 0;
  /** Since `takeProgress`: what ended with an answer, and without. */
  #answered = 0;
  #unanswered = 0;
  #lastFailure = "";
  #started = 0;
  #sweptNs = 0;
  /** From when on nothing is sent, not even what was due before. */
  #lastSendingNs = Number.POSITIVE_INFINITY;
  #lastEndNs = 0;
  #lastEffectNs = 0;
  #lastSendNs = 0;
  #lastDueNs = 0;

  constructor(options: DriverOptions) {
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
    this.#slotOf = new Uint32Array(clients);
    this.#isResent = new Uint8Array(slots);
    this.#idle = new IdleClients(clients);
  }

  /** The transport needs its listener first; this closes the circle. */
  attach(transport: Transport): void {
    this.#transport = transport;
  }

  /** Runs one phase; resolves when its last request has ended. */
  run(phase: Phase): Promise<PhaseOutcome> {
    this.#phase = phase;
    this.#workload = phase.workload;
    this.#started = 0;
    this.#lastSendingNs = Number.POSITIVE_INFINITY;
    this.#idle.clear();
    this.#sweptNs = nowNs();
    this.#lastEndNs = phase.startNs;
    this.#lastEffectNs = phase.startNs;
    this.#lastSendNs = phase.startNs;
    this.#lastDueNs = phase.startNs;
    phase.workload.restart(phase.isMeasured ?? true);
    return new Promise((resolve) => {
      this.#onPhaseEnd = resolve;
      this.#timers.at(phase.startNs, () => this.#begin(phase));
      if (phase.endNs !== Number.POSITIVE_INFINITY) {
        this.#timers.at(phase.endNs, () => this.#afterSchedule(phase, nowNs()));
      }
      this.#timers.every(this.#sweepMs, () => this.#sweepDeadlines());
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

  /** What has moved since the last time, of a phase that is not measured too. */
  takeProgress(): Progress {
    const progress = {
      answered: this.#answered,
      unanswered: this.#unanswered,
      lastFailure: this.#lastFailure,
    };
    this.#answered = 0;
    this.#unanswered = 0;
    return progress;
  }

  /** etcd compacts or defragments from now on. */
  momentBegins(): void {
    this.#moment.begin();
  }

  /** That ended at `endNs`; what was due or in flight before was touched by it. */
  momentEnded(endNs: number): void {
    this.#moment.end(endNs);
  }

  /** Of an operation's first call only: a later one is within its service time. */
  onCallSent(slot: number, now: number, wasHeld: boolean): void {
    if (slot >= this.#clients || this.#isInFlight[slot] === 0 || this.#isResent[slot] !== Resent.NO)
      return;
    if (this.#stepNs[slot] !== this.#sentNs[slot]) return;
    this.#sentNs[slot] = now;
    if (!wasHeld) return;
    this.count(0, HELD_BACK, 1);
    this.count(0, HELD_BACK_US, Math.round((now - this.#stepNs[slot]!) / 1e3));
  }

  onCallEnd(slot: number, status: number, message: string, now: number): void {
    this.#workload!.onCallEnd(slot, status, message, now);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, now: number): void {
    this.#workload!.onMessage!(slot, bytes, start, end, now);
  }

  onCallUnprocessed(slot: number, now: number, isTokenRenewed = false): void {
    const before = this.#isResent[slot]!;
    // Once only, so that a server that refuses for ever cannot keep a request going round; how often
    // a token is renewed has a bound of its own.
    if (before === Resent.REFUSED && !isTokenRenewed) {
      this.onCallEnd(slot, Status.UNAVAILABLE, "refused twice, never processed", now);
      return;
    }
    this.#workload!.onCallUnprocessed(slot, now, isTokenRenewed);
    if (isTokenRenewed && this.#isResent[slot] === Resent.REFUSED && before !== Resent.REFUSED) {
      this.#isResent[slot] = Resent.RENEWED;
    }
  }

  call(client: number, slot: number, template: RequestTemplate, now: number): void {
    this.#isResent[slot] = Resent.NO;
    this.#stepNs[client] = now;
    this.#slotOf[client] = slot;
    this.#transport.call(slot, template);
  }

  resend(slot: number, template: RequestTemplate): void {
    this.#isResent[slot] = Resent.REFUSED;
    this.#phase?.recorders[0]?.resent();
    this.#transport.call(slot, template);
  }

  end(client: number, status: number, message: string, now: number, series = 0): void {
    this.#isInFlight[client] = 0;
    this.#inFlight -= 1;
    this.#lastEndNs = now;
    const phase = this.#phase!;
    const serviceNs = now - this.#sentNs[client]!;
    const responseNs = responseOf(phase, now - this.#dueNs[client]!);
    // Without a schedule it was due when it was sent.
    const isDuring = this.#moment.touches(this.#dueNs[client]!);
    if (status === Status.DEADLINE_EXCEEDED || status === Status.UNAVAILABLE) {
      this.#unanswered += 1;
      this.#lastFailure = message;
    } else {
      this.#answered += 1;
    }
    record(phase.recorders[0]!, status, message, serviceNs, responseNs, isDuring);
    if (series > 0) {
      record(phase.recorders[series]!, status, message, serviceNs, responseNs, isDuring);
    }
    this.#next(phase, client, now);
  }

  sample(series: number, durationNs: number, lateNs = 0, endNs = 0, count = 1): void {
    if (endNs > this.#lastEffectNs) this.#lastEffectNs = endNs;
    this.#answered += 1;
    const phase = this.#phase;
    const recorder = phase?.recorders[series];
    if (phase === null || recorder === undefined) return;
    const isDuring = this.#isTouched(durationNs + lateNs, endNs);
    if (phase.arrivals === null) recorder.succeeded(durationNs, count, isDuring);
    else recorder.succeededPaced(durationNs, durationNs + lateNs, isDuring, count);
  }

  fail(series: number, durationNs: number, status: number, message: string, lateNs = 0): void {
    const phase = this.#phase;
    const isDuring = this.#isTouched(durationNs + lateNs, 0);
    const responseNs = responseOf(phase, durationNs + lateNs);
    phase?.recorders[series]?.failed(durationNs, responseNs, status, message, isDuring);
  }

  missed(series: number, waitedNs: number, lateNs = 0, count = 1): void {
    const phase = this.#phase;
    const isDuring = this.#isTouched(waitedNs + lateNs, 0);
    const responseNs = responseOf(phase, waitedNs + lateNs);
    phase?.recorders[series]?.missed(waitedNs, responseNs, isDuring, count);
  }

  dropped(series: number, waitedNs: number, count = 1): void {
    // Given up when sending ended, which may be long before the last answer that is waited for.
    const isDuring = this.#isTouched(waitedNs, Math.min(nowNs(), this.#lastSendingNs));
    this.#phase?.recorders[series]?.missed(NOT_SENT, waitedNs, isDuring, count);
  }

  dueNs(client: number): number {
    return this.#dueNs[client]!;
  }

  /** Whether a moment touched what ended at `endNs`, or has just ended where that is 0. */
  #isTouched(durationNs: number, endNs: number): boolean {
    if (this.#moment.isNone) return false;
    return this.#moment.touches((endNs === 0 ? nowNs() : endNs) - durationNs);
  }

  count(series: number, name: string, amount: number): void {
    this.#phase?.recorders[series]?.count(name, amount);
  }

  lost(series: number, cause: LossCause, reason: string, watchers: number): void {
    this.#phase?.recorders[series]?.lost(cause, reason, watchers);
  }

  quantity(series: number, name: string, value: number): void {
    this.#phase?.recorders[series]?.quantity(name, value);
  }

  received(series: number, keys: number, bytes: number): void {
    this.#phase?.recorders[series]?.received(keys, bytes);
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
      if (this.#started < phase.requests && now < phase.endNs) this.#send(phase, client, now, now);
      else this.#endIfDone();
      return;
    }
    if (this.#isDue(phase, arrivals, now)) {
      // Others were free when it came due: it is late because the pacer has not come round yet.
      if (this.#idle.count > 0) phase.recorders[0]!.dispatched(now - arrivals.dueNs);
      this.#send(phase, client, arrivals.dueNs, now);
      arrivals.advance();
      return;
    }
    this.#idle.rest(client);
    if (this.#isSendingOver(phase, now)) this.#endIfDone();
    // With others at rest already, the pacer is awake or has its timer set.
    else if (this.#idle.count === 1) this.#pacer.wake();
  }

  /** Whether a request is to be sent by now; those due before the end may be sent after it. */
  #isDue(phase: Phase, arrivals: Arrivals, now: number): boolean {
    const { dueNs } = arrivals;
    return (
      dueNs <= now &&
      dueNs < phase.endNs &&
      this.#started < phase.requests &&
      now < this.#lastSendingNs
    );
  }

  /** Sends what the schedule has due while clients are free; the pacer's tick. */
  #sendDue(now: number): number {
    const phase = this.#phase;
    const arrivals = phase?.arrivals;
    if (phase == null || arrivals == null) return Number.POSITIVE_INFINITY;
    while (this.#idle.count > 0 && this.#isDue(phase, arrivals, now)) {
      const client = this.#idle.take();
      phase.recorders[0]!.dispatched(now - arrivals.dueNs);
      this.#send(phase, client, arrivals.dueNs, now);
      arrivals.advance();
    }
    this.#transport.flush();
    if (
      this.#idle.count === 0 ||
      this.#started >= phase.requests ||
      arrivals.dueNs >= phase.endNs
    ) {
      return Number.POSITIVE_INFINITY;
    }
    return arrivals.dueNs;
  }

  #send(phase: Phase, client: number, dueNs: number, now: number): void {
    this.#started += 1;
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
    // Effects get as long as an answer would, each behind the one before.
    const lastNs = Math.max(this.#lastEndNs, this.#lastEffectNs);
    const phase = this.#phase;
    if (phase === null || this.#inFlight > 0 || lastNs > latestNs) return;
    if (this.#isSendingOver(phase, now)) {
      this.#giveUpUnsettled(now, false);
    }
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

  #isSendingOver({ arrivals, endNs, requests }: Phase, now: number): boolean {
    if (this.#started >= requests || now >= this.#lastSendingNs) return true;
    return now >= endNs && (arrivals === null || arrivals.dueNs >= endNs);
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
    this.#lastSendingNs = Math.min(this.#lastSendingNs, now);
    this.#pacer.stop();
    this.#endIfDone();
  }

  #endIfDone(): void {
    const phase = this.#phase;
    const now = nowNs();
    if (phase === null || this.#inFlight > 0 || !this.#isSendingOver(phase, now)) return;
    phase.workload.onOperationsOver?.();
    if ((phase.workload.unsettled ?? 0) > 0) return;
    this.#pacer.stop();
    this.#timers.clear();
    const dropped = dropRest(phase, this.#started, Math.min(now, this.#lastSendingNs), this);
    this.#phase = null;
    this.#onPhaseEnd?.({
      started: this.#started,
      dropped,
      lastEndNs: this.#lastEndNs,
      lastEffectNs: Math.max(this.#lastEndNs, this.#lastEffectNs),
      lastSendNs: this.#lastSendNs,
      lastDueNs: this.#lastDueNs,
      waitedNs: this.#pacer.waitedNs,
    });
  }
}

function responseOf(phase: Phase | null, sinceDueNs: number): number {
  return phase === null || phase.arrivals === null ? NO_SCHEDULE : sinceDueNs;
}

function record(
  recorder: Recorder,
  status: number,
  message: string,
  serviceNs: number,
  responseNs: number,
  isDuring: boolean,
): void {
  if (status !== Status.OK) recorder.failed(serviceNs, responseNs, status, message, isDuring);
  else if (responseNs === NO_SCHEDULE) recorder.succeeded(serviceNs, 1, isDuring);
  else recorder.succeededPaced(serviceNs, responseNs, isDuring);
}
