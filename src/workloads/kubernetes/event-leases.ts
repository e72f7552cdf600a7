/**
 * Keeps the leases that a worker's events hang on: one takes events for a while or up to a number, is
 * never kept alive, and when it has run out etcd deletes them all at once. Each expiry is tracked by
 * its lease.
 */

import type { Operations } from "../../load/workload.ts";
import { copyPadded, PADDED_BYTES } from "../parts/calls/padded-varint.ts";
import { WATCHED_NUMBERS } from "../parts/watching/series.ts";
import { type KubernetesWorkload, kubernetesSeries } from "./request-mix.ts";

const { delivery: DELIVERY } = WATCHED_NUMBERS;

/** Leases whose events are kept account of; older ones are forgotten. */
const KEPT = 4096;
/** An expiry may be so late and is still waited for. */
const LATE_NS = 5e9;

export class EventLeases {
  /** The padded id of the newest lease. */
  readonly id = new Uint8Array(PADDED_BYTES);
  /** The newest lease's number, from 0; -1 before there is one. */
  newest = -1;
  readonly #plan: KubernetesWorkload;
  readonly #operations: Operations;
  readonly #watchers: () => number;
  readonly #expirySeries: number;
  readonly #isAwaited: boolean;
  #grantedNs = 0;
  #events = 0;
  /** By lease modulo `KEPT`: when it runs out, and deletions that are still to come. */
  readonly #dueNs = new Float64Array(KEPT);
  readonly #left = new Float64Array(KEPT);
  /** Of events of which it is not known whether etcd has them. */
  readonly #perhaps = new Float64Array(KEPT);
  #allLeft = 0;

  /** `watchers` tells how many watches an event is deleted in. */
  constructor(plan: KubernetesWorkload, operations: Operations, watchers: () => number) {
    this.#plan = plan;
    this.#operations = operations;
    this.#watchers = watchers;
    this.#expirySeries = kubernetesSeries(plan).indexOf("event-expiry");
    this.#isAwaited = plan.scenario === "events";
  }

  /** Deletions that the end of a phase waits for. */
  get unsettled(): number {
    return this.#isAwaited ? this.#allLeft : 0;
  }

  /** Whether the newest lease takes another event. */
  isOpen(nowNs: number): boolean {
    const { leaseReuseMs, leaseMaxEvents } = this.#plan;
    if (this.newest < 0 || this.#events >= leaseMaxEvents) return false;
    return nowNs - this.#grantedNs < leaseReuseMs * 1e6;
  }

  /** Leases of a phase before are left to themselves. */
  close(): void {
    this.#events = this.#plan.leaseMaxEvents;
  }

  /** etcd has granted the lease whose id's varint lies in `bytes[start, end)`. */
  granted(bytes: Uint8Array, start: number, end: number, ttlSeconds: number, nowNs: number): void {
    copyPadded(bytes, start, end, this.id, 0);
    this.newest += 1;
    this.#grantedNs = nowNs;
    this.#events = 0;
    const at = this.newest % KEPT;
    this.#allLeft -= this.#left[at]!;
    this.#left[at] = 0;
    this.#perhaps[at] = 0;
    this.#dueNs[at] = nowNs + ttlSeconds * 1e9;
  }

  /** An event is to hang on the newest lease. */
  attach(): void {
    this.#events += 1;
  }

  /** The event exists. */
  created(lease: number): void {
    const watchers = this.#watchers();
    this.#left[lease % KEPT]! += watchers;
    this.#allLeft += watchers;
  }

  /** Whether it exists is not known. */
  perhapsCreated(lease: number): void {
    this.#perhaps[lease % KEPT]! += this.#watchers();
  }

  /** A watch tells that an event of the lease is gone. */
  expired(lease: number, nowNs: number): void {
    if (lease > this.newest || lease <= this.newest - KEPT) {
      this.#operations.count(DELIVERY, "late", 1);
      return;
    }
    const at = lease % KEPT;
    if (this.#left[at]! > 0) {
      this.#left[at]! -= 1;
      this.#allLeft -= 1;
    } else if (this.#perhaps[at]! > 0) {
      this.#perhaps[at]! -= 1;
    } else {
      this.#operations.count(DELIVERY, "doubled", 1);
      return;
    }
    // The grant was made a little before its answer came, so early is on time.
    const lateNs = Math.max(0, nowNs - this.#dueNs[at]!);
    this.#operations.sample(this.#expirySeries, lateNs, 0, nowNs);
    if (this.unsettled === 0) this.#operations.settled();
  }

  /** What was due and has not come counts as missing; the rest has just not come yet. */
  giveUp(nowNs: number): void {
    let missing = 0;
    for (let at = 0; at < KEPT; at++) {
      const left = this.#left[at]!;
      const lateNs = nowNs - this.#dueNs[at]!;
      if (this.#isAwaited && left > 0 && lateNs >= 0) {
        this.#operations.missed(this.#expirySeries, lateNs, 0, left);
        if (lateNs >= LATE_NS) missing += left;
      }
      this.#left[at] = 0;
    }
    this.#allLeft = 0;
    if (missing > 0) this.#operations.count(DELIVERY, "missing", missing);
  }
}
