/**
 * Watches all keys of the run, once for each attachment. A watcher whose stream ends goes on at the
 * revision after the last that it has seen, or after that at which it was created, on its own endpoint, or, of a client that knows them all,
 * on the next one whose connection is up.
 */
import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import { nowNs as clockNs } from "../../clock.ts";
import { WATCH_CREATED, WATCH_ENDED } from "../../failover/watches.ts";
import type { RequestLog } from "../../load/recording/request-log.ts";
import { encodeMessage } from "../../protos.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../parts/calls/padded-varint.ts";
import { offsetOfField } from "../parts/calls/template.ts";
import { WatchResponseReader } from "../parts/watching/watch-response.ts";
import type { Groups } from "./groups.ts";
import { numberAt } from "./request-kind.ts";

/** Before a stream that has ended is opened again. */
const RETRY_MS = 50;

export interface KeyWatchesOptions {
  groups: Groups;
  prefix: Uint8Array;
  /** The end of the keys with this prefix, exclusive. */
  end: Uint8Array;
  /** One for each member, and then one more for each where clients know them all. */
  firstSlot: number;
  /** Takes etcd's reason why a watcher was cancelled. */
  onCancelled: (reason: string) => void;
  /** Takes the member that such a client goes to next. */
  pick: () => number;
}

export class KeyWatches {
  readonly #options: KeyWatchesOptions;
  readonly #template: RequestTemplate;
  readonly #revisionOffset: number;
  readonly #reader = new WatchResponseReader();
  readonly #requests: RequestLog;
  readonly #transport: Transport;
  /** By attachment: the slot of its stream, or -1; the revision to go on from; the timer until then. */
  readonly #slots: Int32Array;
  readonly #nextRevisions: Float64Array;
  readonly #timers: (NodeJS.Timeout | null)[];
  #isMeasured = false;

  constructor(options: KeyWatchesOptions, requests: RequestLog, transport: Transport) {
    this.#options = options;
    this.#requests = requests;
    this.#transport = transport;
    const attachments = options.groups.attachments.length;
    this.#slots = new Int32Array(attachments).fill(-1);
    this.#nextRevisions = new Float64Array(attachments);
    this.#timers = new Array(attachments).fill(null);
    const message = encodeMessage("etcdserverpb.WatchRequest", {
      createRequest: {
        key: options.prefix,
        rangeEnd: options.end,
        startRevision: PLACEHOLDER_VALUE,
      },
    });
    this.#template = transport.template("/etcdserverpb.Watch/Watch", message, CallMode.STREAM);
    this.#revisionOffset = this.#template.messageOffset + offsetOfField(message, PLACEHOLDER);
  }

  /** Opens those streams that are not open; events are recorded from now on, or not. */
  start(isMeasured: boolean): void {
    this.#isMeasured = isMeasured;
    for (const attachment of this.#slots.keys()) this.#open(attachment);
  }

  /** Nothing is opened any more. */
  stop(): void {
    this.#isMeasured = false;
    for (const [attachment, timer] of this.#timers.entries()) {
      if (timer !== null) clearTimeout(timer);
      this.#timers[attachment] = null;
    }
  }

  /** Watchers that have not come to the revision, and may still do so; none after `stop`. */
  missing(revision: number): number {
    if (!this.#isMeasured) return 0;
    return this.#nextRevisions.reduce((count, next) => count + (next <= revision ? 1 : 0), 0);
  }

  owns(slot: number): boolean {
    return slot >= this.#options.firstSlot;
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    const attachment = this.#slots.indexOf(slot);
    if (attachment < 0) return;
    const reader = this.#reader;
    const { prefix } = this.#options;
    if (!reader.open(bytes, start, end)) return;
    if (reader.isCanceled) {
      // The events before are gone, so that the watcher would be cancelled for them again and again.
      this.#goOn(attachment, reader.compactRevision);
      this.#transport.cancel(slot);
      if (this.#isMeasured) this.#options.onCancelled(reader.cancelReason);
      this.#ended(attachment, Status.ABORTED, nowNs);
      return;
    }
    if (reader.isCreated) {
      const { headerRevision } = reader;
      if (this.#nextRevisions[attachment] === 0 && headerRevision > 0) {
        this.#goOn(attachment, headerRevision + 1);
      }
      const first = this.#nextRevisions[attachment]!;
      this.#record(attachment, nowNs, Status.OK, WATCH_CREATED, first);
    }
    while (reader.nextEvent()) {
      const { modRevision, keyStart, keyEnd } = reader;
      const number = numberAt(bytes, keyStart + prefix.length, keyEnd);
      this.#goOn(attachment, modRevision + 1);
      if (number >= 0) this.#record(attachment, nowNs, Status.OK, number, modRevision);
    }
  }

  onCallEnd(slot: number, status: number, nowNs: number): void {
    const attachment = this.#slots.indexOf(slot);
    if (attachment < 0) return;
    this.#ended(attachment, status === Status.OK ? Status.UNAVAILABLE : status, nowNs);
  }

  #goOn(attachment: number, revision: number): void {
    this.#nextRevisions[attachment] = Math.max(this.#nextRevisions[attachment]!, revision);
  }

  #ended(attachment: number, status: number, nowNs: number): void {
    this.#slots[attachment] = -1;
    this.#record(attachment, nowNs, status, WATCH_ENDED, 0);
    if (!this.#isMeasured || this.#timers[attachment] !== null) return;
    this.#timers[attachment] = setTimeout(() => {
      this.#timers[attachment] = null;
      this.#open(attachment);
      this.#transport.flush();
    }, RETRY_MS);
  }

  #open(attachment: number): void {
    if (this.#slots[attachment] !== -1) return;
    const { firstSlot, groups, pick } = this.#options;
    const isOfAll = attachment === groups.members;
    const slot = firstSlot + (isOfAll ? groups.members + pick() : attachment);
    this.#slots[attachment] = slot;
    writePadded(this.#template.bytes, this.#revisionOffset, this.#nextRevisions[attachment]!);
    this.#transport.call(slot, this.#template);
  }

  #record(attachment: number, atNs: number, status: number, number: number, revision: number) {
    if (!this.#isMeasured) return;
    const nowNs = atNs === 0 ? clockNs() : atNs;
    const group = this.#options.groups.watch(attachment);
    this.#requests.add(group, nowNs, nowNs, status, number, revision);
  }
}
