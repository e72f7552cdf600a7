/**
 * Sends the serializable reads of one member: as many at once as its slots, with what had been
 * acknowledged when each was sent, and how stale its answer was.
 */

import { type RequestTemplate, Status, type Transport } from "#wire";
import { describeCut, HELD_BACK, HELD_BACK_US, UNSENT, type Until } from "../../load/held-back.ts";
import type { Operations } from "../../load/workload.ts";
import { headerRevision } from "../parts/calls/header-revision.ts";
import type { AcknowledgedRevisions } from "./acknowledged-revisions.ts";

export interface MemberReadsPlace {
  /** Of the member's slots. */
  firstSlot: number;
  slots: number;
  /** Of how stale reads were, and of the reads themselves. */
  series: { lag: number; reads: number };
}

export class MemberReads {
  readonly #place: MemberReadsPlace;
  readonly #acknowledged: AcknowledgedRevisions;
  readonly #template: RequestTemplate;
  readonly #operations: Operations;
  readonly #transport: Transport;
  /** By slot from the first: when the read was asked of the transport, else NaN. */
  readonly #calledNs: Float64Array;
  /** When it left, which is later where it waited in the client, and how much later than it was due. */
  readonly #sentNs: Float64Array;
  readonly #lateNs: Float64Array;
  /** The highest acknowledged revision at that time, of which history, and the answer's. */
  readonly #expected: Float64Array;
  readonly #history: Float64Array;
  readonly #revisions: Float64Array;
  readonly #isResent: Uint8Array;
  /** Its first call has not been reported as sent, nor was it made again. */
  readonly #isFirst: Uint8Array;
  readonly #free: Int32Array;
  #freeCount: number;
  /** When those reads were due that found no free slot, until the next answer. */
  #notSentDueNs: number[] = [];

  constructor(
    place: MemberReadsPlace,
    acknowledged: AcknowledgedRevisions,
    template: RequestTemplate,
    operations: Operations,
    transport: Transport,
  ) {
    const { slots } = place;
    this.#place = place;
    this.#acknowledged = acknowledged;
    this.#template = template;
    this.#operations = operations;
    this.#transport = transport;
    this.#calledNs = new Float64Array(slots).fill(Number.NaN);
    this.#sentNs = new Float64Array(slots);
    this.#lateNs = new Float64Array(slots);
    this.#expected = new Float64Array(slots);
    this.#history = new Float64Array(slots);
    this.#revisions = new Float64Array(slots);
    this.#isResent = new Uint8Array(slots);
    this.#isFirst = new Uint8Array(slots);
    this.#free = Int32Array.from({ length: slots }, (_, slot) => slot);
    this.#freeCount = slots;
  }

  get underWay(): number {
    return this.#place.slots - this.#freeCount;
  }

  /** No read is stale before a put was acknowledged: until then none is sent. */
  send(nowNs: number, dueNs: number): void {
    if (this.#acknowledged.highest === 0) return;
    if (this.#freeCount === 0) {
      this.#operations.count(this.#reads, "notSent", 1);
      this.#notSentDueNs.push(dueNs);
      return;
    }
    this.#freeCount -= 1;
    const slot = this.#free[this.#freeCount]!;
    this.#calledNs[slot] = nowNs;
    this.#sentNs[slot] = nowNs;
    this.#lateNs[slot] = nowNs - dueNs;
    this.#expected[slot] = this.#acknowledged.highest;
    this.#history[slot] = this.#acknowledged.history;
    this.#revisions[slot] = 0;
    this.#isResent[slot] = 0;
    this.#isFirst[slot] = 1;
    this.#transport.call(this.#place.firstSlot + slot, this.#template);
  }

  /** The read has left only now: what was acknowledged until now is to be in its answer. */
  onCallSent(callSlot: number, nowNs: number, wasHeld: boolean): void {
    const slot = callSlot - this.#place.firstSlot;
    if (this.#isFirst[slot] === 0 || Number.isNaN(this.#calledNs[slot]!)) return;
    this.#isFirst[slot] = 0;
    const waitedNs = nowNs - this.#calledNs[slot]!;
    this.#sentNs[slot] = nowNs;
    this.#lateNs[slot]! += waitedNs;
    this.#expected[slot] = this.#acknowledged.highest;
    if (!wasHeld) return;
    this.#operations.count(this.#reads, HELD_BACK, 1);
    this.#operations.count(this.#reads, HELD_BACK_US, Math.round(waitedNs / 1e3));
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number): void {
    this.#revisions[slot - this.#place.firstSlot] = headerRevision(bytes, start, end);
  }

  onCallEnd(callSlot: number, status: number, message: string, nowNs: number): void {
    const slot = callSlot - this.#place.firstSlot;
    const sentNs = this.#sentNs[slot]!;
    const revision = this.#revisions[slot]!;
    this.#release(slot, nowNs);
    if (status !== Status.OK) {
      this.#fail(slot, nowNs - sentNs, status, message);
    } else if (revision === 0) {
      this.#fail(slot, nowNs - sentNs, Status.INTERNAL, "the answer names no revision");
    } else {
      this.#operations.sample(this.#reads, nowNs - sentNs, this.#lateNs[slot]!, nowNs);
      // etcd was emptied meanwhile: the answer and what was expected have nothing in common.
      if (this.#history[slot] !== this.#acknowledged.history) this.#missedLag(1);
      else this.#compare(revision, this.#expected[slot]!, sentNs, nowNs);
    }
  }

  /** The server has not processed the read: it is sent again, once for each of its reasons. */
  resend(callSlot: number, nowNs: number, isTokenRenewed: boolean): void {
    const slot = callSlot - this.#place.firstSlot;
    if (!isTokenRenewed && this.#isResent[slot] === 1) {
      this.onCallEnd(callSlot, Status.UNAVAILABLE, "refused twice, never processed", nowNs);
      return;
    }
    if (!isTokenRenewed) this.#isResent[slot] = 1;
    this.#isFirst[slot] = 0;
    this.#transport.call(callSlot, this.#template);
  }

  /** Ends the reads that were asked for by `latestNs`. */
  cut(latestNs: number, status: number, until: Until, nowNs: number): void {
    for (let slot = 0; slot < this.#place.slots; slot++) {
      // False for a free slot's NaN.
      if (!(this.#calledNs[slot]! <= latestNs)) continue;
      const callSlot = this.#place.firstSlot + slot;
      const { isUnsent, message } = describeCut(this.#transport, callSlot, until);
      if (isUnsent) this.#operations.count(this.#reads, UNSENT, 1);
      this.#transport.cancel(callSlot);
      this.#release(slot, nowNs);
      this.#fail(slot, nowNs - this.#sentNs[slot]!, status, message);
    }
  }

  #fail(slot: number, tookNs: number, status: number, message: string): void {
    this.#operations.fail(this.#reads, tookNs, status, message, this.#lateNs[slot]!);
    this.#missedLag(1);
  }

  /** It may be stale by any time. */
  #missedLag(reads: number): void {
    this.#operations.missed(this.#place.series.lag, 0, 0, reads);
  }

  /** An answer has come that those not sent would have waited for. */
  #missNotSent(nowNs: number): void {
    if (this.#notSentDueNs.length === 0) return;
    for (const dueNs of this.#notSentDueNs) this.#operations.missed(this.#reads, nowNs - dueNs);
    this.#missedLag(this.#notSentDueNs.length);
    this.#notSentDueNs = [];
  }

  get #reads(): number {
    return this.#place.series.reads;
  }

  #compare(revision: number, expected: number, sentNs: number, nowNs: number): void {
    const { lag } = this.#place.series;
    const behind = Math.max(0, expected - revision);
    let behindNs = 0;
    if (behind > 0) {
      behindNs = Math.max(0, sentNs - this.#acknowledged.firstAboveNs(revision));
      this.#operations.count(lag, "behind", 1);
      // It is staler than is remembered.
      if (revision < this.#acknowledged.forgotten) this.#operations.count(lag, "atLeast", 1);
    }
    this.#operations.sample(lag, behindNs, 0, nowNs);
    this.#operations.quantity(lag, "revisionsBehind", behind);
  }

  #release(slot: number, nowNs: number): void {
    this.#missNotSent(nowNs);
    this.#calledNs[slot] = Number.NaN;
    this.#free[this.#freeCount] = slot;
    this.#freeCount += 1;
  }
}
