/**
 * Records what a workload reports of its series, on the clocks that the phase has: parts of
 * operations, what they caused, and what is missing of both. The driver is one, so that a sample
 * takes no call more.
 */

import { type RequestTemplate, Status } from "#wire";
import { nowNs } from "../../clock.ts";
import type { LossCause } from "../../stats/distinct-counts.ts";
import type { Progress, SendingSecond } from "../messages.ts";
import type { Sending } from "../pacing/sending.ts";
import type { Phase } from "../phase.ts";
import { EventSpan } from "./event-span.ts";
import { NO_SCHEDULE, NOT_SENT } from "./missing-counts.ts";
import type { Recorder } from "./recorder.ts";
import { NO_SLOT, type RequestDetailsReader } from "./request-details.ts";

const NO_RECORDERS: readonly Recorder[] = [];

export abstract class SeriesRecording {
  readonly #event = new EventSpan();
  #recorders = NO_RECORDERS;
  #apart: Int32Array | null = null;
  #isPaced = false;
  #sending!: Sending;
  /** Of the phase, when `takeSending` was called last. */
  #dueBefore = 0;
  #startedBefore = 0;
  /** Of the slowest requests; set before the first phase, null where none are kept. */
  protected details: RequestDetailsReader | null = null;
  /** Whose call has brought what is reported now; `NO_SLOT`: none has. */
  protected slot = NO_SLOT;
  /** When the last effect of an operation came. */
  protected lastEffectNs = 0;
  /** Since `takeProgress`: what ended with an answer, and without. */
  #answered = 0;
  #unanswered = 0;
  #lastFailure = "";

  protected beginRecording({ recorders, apart, arrivals, startNs }: Phase, sending: Sending): void {
    this.#sending = sending;
    this.#dueBefore = 0;
    this.#startedBefore = 0;
    this.#recorders = recorders;
    this.#apart = apart ?? null;
    this.#isPaced = arrivals !== null;
    this.lastEffectNs = startNs;
  }

  /** What is reported until the next phase begins is in no figure. */
  protected endRecording(): void {
    this.#recorders = NO_RECORDERS;
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

  /** What came due and was sent since the last time in this phase. */
  takeSending(): Omit<SendingSecond, "busyFraction"> {
    const { started } = this.#sending;
    const due = Math.max(this.#dueBefore, this.#sending.dueBy(nowNs()));
    const sending = { due: due - this.#dueBefore, started: started - this.#startedBefore };
    this.#dueBefore = due;
    this.#startedBefore = started;
    return sending;
  }

  /** Something happens to etcd from now on. */
  eventBegins(): void {
    this.#event.begin();
  }

  /** That ended at `endNs`; what was due or in flight before was touched by it. */
  eventEnded(endNs: number): void {
    this.#event.end(endNs);
  }

  /** The request that is in the slot; null: not known. */
  protected abstract requestIn(slot: number): RequestTemplate | null;

  /**
   * An operation has ended, of all operations and of a series of its own where that is not 0; `slot` is
   * that of its last call.
   */
  protected recordEnd(
    series: number,
    status: number,
    message: string,
    serviceNs: number,
    sinceDueNs: number,
    dueNs: number,
    slot: number,
  ): void {
    const responseNs = this.#responseNs(sinceDueNs);
    // Without a schedule it was due when it was sent.
    const isDuring = this.#event.touches(dueNs);
    if (status === Status.DEADLINE_EXCEEDED || status === Status.UNAVAILABLE) {
      this.#unanswered += 1;
      this.#lastFailure = message;
    } else {
      this.#answered += 1;
    }
    const endNs = dueNs + sinceDueNs;
    const whole = this.#recorders[0]!;
    record(whole, status, message, serviceNs, responseNs, isDuring);
    this.#keepIfSlow(whole, endNs, serviceNs, responseNs, status, slot);
    if (this.#apart !== null) {
      const ofEndpoint = this.#recorders[this.#apart[slot]!];
      if (ofEndpoint !== undefined) {
        record(ofEndpoint, status, message, serviceNs, responseNs, isDuring);
      }
    }
    if (series === 0) return;
    const own = this.#recorders[series]!;
    record(own, status, message, serviceNs, responseNs, isDuring);
    this.#keepIfSlow(own, endNs, serviceNs, responseNs, status, slot);
  }

  sample(series: number, durationNs: number, lateNs = 0, endNs = 0, count = 1): void {
    if (endNs > this.lastEffectNs) this.lastEffectNs = endNs;
    this.#answered += 1;
    const recorder = this.#recorders[series];
    if (recorder === undefined) return;
    const isDuring = this.#isTouched(durationNs + lateNs, endNs);
    if (!this.#isPaced) recorder.succeeded(durationNs, count, isDuring);
    else recorder.succeededPaced(durationNs, durationNs + lateNs, isDuring, count);
    const responseNs = this.#responseNs(durationNs + lateNs);
    this.#keepIfSlow(recorder, endNs, durationNs, responseNs, Status.OK, this.slot);
  }

  fail(
    series: number,
    durationNs: number | null,
    status: number,
    message: string,
    lateNs = 0,
  ): void {
    const spentNs = durationNs ?? 0;
    const isDuring = this.#isTouched(spentNs + lateNs, 0);
    const responseNs = this.#responseNs(spentNs + lateNs);
    const recorder = this.#recorders[series];
    if (recorder === undefined) return;
    recorder.failed(durationNs, responseNs, status, message, isDuring);
    if (durationNs === null) return;
    this.#keepIfSlow(recorder, 0, durationNs, responseNs, status, this.slot);
  }

  missed(series: number, waitedNs: number, lateNs = 0, count = 1): void {
    const isDuring = this.#isTouched(waitedNs + lateNs, 0);
    const responseNs = this.#responseNs(waitedNs + lateNs);
    this.#recorders[series]?.missed(waitedNs, responseNs, isDuring, count);
  }

  dropped(series: number, waitedNs: number, count = 1): void {
    // Given up when sending ended, which may be long before the last answer that is waited for.
    const isDuring = this.#isTouched(waitedNs, this.#sending.givenUpNs(nowNs()));
    this.#recorders[series]?.missed(NOT_SENT, waitedNs, isDuring, count);
  }

  count(series: number, name: string, amount: number): void {
    this.#recorders[series]?.count(name, amount);
  }

  lost(series: number, cause: LossCause, reason: string, watchers: number): void {
    this.#recorders[series]?.lost(cause, reason, watchers);
  }

  cancelledWatcher(series: number, reason: string): void {
    this.#recorders[series]?.cancelledWatcher(reason);
  }

  quantity(series: number, name: string, value: number): void {
    this.#recorders[series]?.quantity(name, value);
  }

  received(series: number, keys: number, bytes: number): void {
    this.#recorders[series]?.received(keys, bytes);
  }

  /** One compare, unless it is one of the slowest of its series so far. It ends now where `endNs` is 0. */
  #keepIfSlow(
    { slowest }: Recorder,
    endNs: number,
    serviceNs: number,
    responseNs: number,
    status: number,
    slot: number,
  ): void {
    const judgedNs = responseNs === NO_SCHEDULE ? serviceNs : responseNs;
    if (judgedNs <= slowest.floorNs) return;
    const request = slot === NO_SLOT ? null : this.requestIn(slot);
    const details = this.details?.of(slot, status, request);
    if (details !== undefined) {
      slowest.keep(endNs === 0 ? nowNs() : endNs, serviceNs, responseNs, details);
    }
  }

  /** Whether an event touched what ended at `endNs`, or has just ended where that is 0. */
  #isTouched(durationNs: number, endNs: number): boolean {
    if (this.#event.isNone) return false;
    return this.#event.touches((endNs === 0 ? nowNs() : endNs) - durationNs);
  }

  #responseNs(sinceDueNs: number): number {
    return this.#isPaced ? sinceDueNs : NO_SCHEDULE;
  }
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
