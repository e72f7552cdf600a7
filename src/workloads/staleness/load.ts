/**
 * Sends the staleness workload: its operations are puts, and meanwhile each member is read serializably
 * at random times, whatever the puts and the other members do. A read is stale by the revisions that
 * had been acknowledged when it was sent and that its answer lacks.
 */

import { CallMode, Status, type Transport } from "#wire";
import { nowNs as clockNs } from "../../clock.ts";
import type { Until } from "../../load/held-back.ts";
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { PoissonArrivals } from "../../load/pacing/arrivals.ts";
import type { Operations, Workload } from "../../load/workload.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import { encodeMessage } from "../../protos.ts";
import { type Random, SeedStream } from "../../random.ts";
import { headerRevision } from "../parts/calls/header-revision.ts";
import { SingleCalls } from "../parts/calls/single-calls.ts";
import { Put, putLoad } from "../put/load.ts";
import type { PutWorkload } from "../put/schema.ts";
import { AcknowledgedRevisions } from "./acknowledged-revisions.ts";
import { MemberReads } from "./member-reads.ts";
import { stalenessNumbers } from "./series.ts";

/** Of the times of reads, for each member another. */
const READS = new SeedStream("staleness.reads");

export interface StalenessRequests {
  put: PutWorkload;
  /** What is read. */
  key: Uint8Array;
  /** `host:port` of each member that is read. */
  readEndpoints: string[];
  /** Of each member. */
  readsPerSec: number;
  /** Of each member that may be under way; what comes due beyond them is not sent. */
  readsAtOnce: number;
  timeoutMs: number;
}

export class Staleness implements Workload {
  readonly #requests: StalenessRequests;
  readonly #clients: number;
  readonly #firstSlot: number;
  readonly #puts: SingleCalls;
  /** By client, the revision of its put's answer. */
  readonly #revisions: Float64Array;
  /** By client, what had been acknowledged when its put was sent. */
  readonly #highestBefore: Float64Array;
  readonly #history: Float64Array;
  readonly #acknowledged = new AcknowledgedRevisions();
  readonly #members: readonly MemberReads[];
  readonly #randoms: readonly Random[];
  readonly #share: WorkerShare;
  readonly #operations: Operations;
  readonly #transport: Transport;
  /** Of each member; empty while none is read. */
  #arrivals: PoissonArrivals[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(
    requests: StalenessRequests,
    seed: number,
    share: WorkerShare,
    operations: Operations,
    transport: Transport,
    firstSlot: number,
  ) {
    const { put, key, readEndpoints, readsAtOnce: slots } = requests;
    this.#requests = requests;
    this.#firstSlot = firstSlot;
    this.#share = share;
    this.#operations = operations;
    this.#transport = transport;
    this.#clients = share.clientConnections.length;
    const source = new Put(put, seed, share, transport, CallMode.UNARY_ANSWER);
    this.#puts = new SingleCalls(source, this.#clients, operations, transport);
    this.#revisions = new Float64Array(this.#clients);
    this.#highestBefore = new Float64Array(this.#clients);
    this.#history = new Float64Array(this.#clients);
    const message = encodeMessage("etcdserverpb.RangeRequest", {
      key,
      serializable: true,
      // The answer's header is all that matters.
      countOnly: true,
    });
    const path = "/etcdserverpb.KV/Range";
    const template = transport.template(path, message, CallMode.UNARY_ANSWER);
    this.#members = readEndpoints.map((_, member) => {
      const place = {
        firstSlot: firstSlot + member * slots,
        slots,
        series: stalenessNumbers(member),
      };
      return new MemberReads(place, this.#acknowledged, template, operations, transport);
    });
    this.#randoms = readEndpoints.map((_, at) => READS.random(seed, at));
  }

  get unsettled(): number {
    return this.#members.reduce((sum, member) => sum + member.underWay, 0);
  }

  restart(): void {
    this.#puts.restart();
  }

  onPhaseStart(nowNs: number): void {
    const { readsPerSec } = this.#requests;
    this.#arrivals = this.#randoms.map(
      (random) => new PoissonArrivals(nowNs, readsPerSec, this.#share, random),
    );
    this.#waitForNext(nowNs);
  }

  onOperationsOver(): void {
    this.#arrivals = [];
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  begin(client: number, nowNs: number): void {
    this.#revisions[client] = 0;
    this.#highestBefore[client] = this.#acknowledged.highest;
    this.#history[client] = this.#acknowledged.history;
    this.#puts.begin(client, nowNs);
  }

  onOwnCallSent(slot: number, nowNs: number, wasHeld: boolean): void {
    this.#memberOf(slot).onCallSent(slot, nowNs, wasHeld);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number): void {
    if (slot < this.#clients) this.#revisions[slot] = headerRevision(bytes, start, end);
    else this.#memberOf(slot).onMessage(slot, bytes, start, end);
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    if (slot < this.#clients) {
      if (status === Status.OK) this.#acknowledge(slot, nowNs);
      this.#puts.onCallEnd(slot, status, message, nowNs);
    } else {
      this.#memberOf(slot).onCallEnd(slot, status, message, nowNs);
      this.#operations.settled();
    }
  }

  onCallUnprocessed(slot: number, nowNs: number, isTokenRenewed = false): void {
    if (slot < this.#clients) this.#puts.onCallUnprocessed(slot);
    else this.#memberOf(slot).resend(slot, nowNs, isTokenRenewed);
  }

  cancel(client: number): void {
    this.#puts.cancel(client);
  }

  tick(nowNs: number): void {
    if (this.unsettled === 0) return;
    const latestNs = nowNs - this.#requests.timeoutMs * 1e6;
    this.#cut(latestNs, Status.DEADLINE_EXCEEDED, "within the timeout", nowNs);
    this.#operations.settled();
  }

  giveUp(nowNs: number): void {
    this.#cut(nowNs, Status.CANCELLED, "before the run ended", nowNs);
  }

  #acknowledge(client: number, nowNs: number): void {
    const revision = this.#revisions[client]!;
    const highestBefore = this.#highestBefore[client]!;
    this.#acknowledged.acknowledged(revision, nowNs, highestBefore, this.#history[client]!);
  }

  #cut(latestNs: number, status: number, until: Until, nowNs: number): void {
    for (const member of this.#members) member.cut(latestNs, status, until, nowNs);
  }

  #memberOf(slot: number): MemberReads {
    return this.#members[Math.floor((slot - this.#firstSlot) / this.#requests.readsAtOnce)]!;
  }

  #waitForNext(nowNs: number): void {
    const dueNs = Math.min(...this.#arrivals.map((each) => each.dueNs));
    const restMs = Math.max(0, (dueNs - nowNs) / 1e6);
    this.#timer = setTimeout(() => this.#sendDue(), Math.ceil(restMs));
  }

  /** A timer is up to a millisecond late, which makes the times of reads no less random. */
  #sendDue(): void {
    const nowNs = clockNs();
    for (const [at, arrivals] of this.#arrivals.entries()) {
      for (; arrivals.dueNs <= nowNs; arrivals.advance()) {
        this.#members[at]!.send(nowNs, arrivals.dueNs);
      }
    }
    this.#transport.flush();
    if (this.#arrivals.length > 0) this.#waitForNext(nowNs);
  }
}

export interface StalenessSpec extends OperationSpec {
  kind: "staleness";
  staleness: StalenessRequests;
}

export const stalenessLoad: Load<StalenessSpec> = {
  kind: "staleness",
  make: ({ staleness }, { seed, share, operations, transport, firstExtraSlot }) =>
    new Staleness(staleness, seed, share, operations, transport, firstExtraSlot),
  ownConnections: ({ staleness }) => staleness.readEndpoints,
  extraSlots: ({ staleness: { readEndpoints, readsAtOnce } }, _, firstOwn) =>
    readEndpoints.flatMap((__, member) => new Array<number>(readsAtOnce).fill(firstOwn + member)),
  // The reads of members end like any call.
  heldSlots: () => [],
  writtenKeys: ({ series, staleness: { put } }, share, seed, begun) =>
    putLoad.writtenKeys!({ series, kind: "put", put }, share, seed, begun),
};
