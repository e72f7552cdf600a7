/**
 * Owns a worker's watchers: many to a stream, told apart by the watch_id that we choose, from
 * 1 up in each stream. It reads what the streams bring and keeps who is alive; a watcher is a small
 * integer, and all state is in arrays by it.
 */
import type { WorkerShare } from "../../plan/shares.ts";
import { encodeMessage } from "../../protos.ts";
import { CallMode, type RequestTemplate, type Transport } from "../transport.ts";
import { Status } from "../wire/grpc-status.ts";
import { DELIVERY, Deliveries } from "./deliveries.ts";
import { KeyWriter } from "./key-space.ts";
import { offsetOfField } from "./template.ts";
import { readMark } from "./watch-mark.ts";
import { WatchResponseReader } from "./watch-response.ts";
import { ownWatchedKeys, streamConnections, type WatchSpec } from "./watched-keys.ts";
import type { Operations } from "./workload.ts";

/** 28 bits, which a varint of four octets holds: padded so that every id has the same length. */
const WATCH_ID_PLACEHOLDER = 0x0fffffff;
const WATCH_ID_BYTES = [0xff, 0xff, 0xff, 0x7f];

const State = { NONE: 0, CREATING: 1, ALIVE: 2, LOST: 3 } as const;

/** Hears how creations end. */
export type OnCreated = (watcher: number, status: number, message: string, nowNs: number) => void;

export class Watchers {
  readonly count: number;
  readonly deliveries: Deliveries;
  /** The indices of the worker's watched keys; a watcher or put of "key k" has the k-th of these. */
  readonly keyIndices: readonly number[];
  /** The order in which keys are watched and put, as places in `keyIndices`. */
  readonly entries: readonly number[];
  onCreated: OnCreated = () => {};
  readonly #spec: WatchSpec;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #firstSlot: number;
  readonly #streams: number;
  readonly #reader = new WatchResponseReader();
  readonly #state: Uint8Array;
  readonly #isOpen: Uint8Array;
  readonly #template: RequestTemplate;
  readonly #keyOffset: number;
  readonly #idOffset: number;
  readonly #writer: KeyWriter;
  #alive = 0;
  #isPutPhase = false;
  /** Lost where no phase of puts could count them. */
  #unreportedLost = 0;

  constructor(
    spec: WatchSpec,
    share: WorkerShare,
    operations: Operations,
    transport: Transport,
    firstSlot: number,
  ) {
    this.#spec = spec;
    this.#operations = operations;
    this.#transport = transport;
    this.#firstSlot = firstSlot;
    this.#streams = streamConnections(spec, share).length;
    this.count = this.#streams * spec.watchersPerStream;
    const own = ownWatchedKeys(spec, share);
    this.keyIndices = [...new Set(own)];
    const placeOf = new Map(this.keyIndices.map((index, place) => [index, place]));
    this.entries = own.map((index) => placeOf.get(index)!);
    this.deliveries = new Deliveries(operations, this.count, this.keyIndices.length);
    this.#state = new Uint8Array(this.count);
    this.#isOpen = new Uint8Array(this.#streams);
    const key = Buffer.alloc(spec.keys.keySizeBytes, 0xff);
    const message = encodeMessage("etcdserverpb.WatchRequest", {
      createRequest: {
        key,
        ...(spec.progressNotify ? { progressNotify: true } : {}),
        ...(spec.prevKv ? { prevKv: true } : {}),
        watchId: WATCH_ID_PLACEHOLDER,
      },
    });
    this.#template = transport.template("/etcdserverpb.Watch/Watch", message, CallMode.STREAM);
    const { messageOffset } = this.#template;
    this.#keyOffset = messageOffset + offsetOfField(message, key);
    this.#idOffset = messageOffset + message.lastIndexOf(Buffer.from(WATCH_ID_BYTES));
    this.#writer = new KeyWriter(spec.keys);
  }

  /** A phase begins, of puts or of creations. */
  beginPhase(isPutPhase: boolean): void {
    this.#isPutPhase = isPutPhase;
    if (isPutPhase) this.#reportLost();
  }

  /** The n-th to be created: all streams get their first watcher, then all their second. */
  nth(n: number): number {
    const stream = n % this.#streams;
    return stream * this.#spec.watchersPerStream + Math.floor(n / this.#streams);
  }

  /** Asks for the watcher, on behalf of a client's operation; `onCreated` hears of the answer. */
  create(watcher: number, client: number, nowNs: number): void {
    const stream = this.#streamOf(watcher);
    this.#writer.write(
      this.keyIndices[this.#keyOf(watcher)]!,
      this.#template.bytes,
      this.#keyOffset,
    );
    this.#writeWatchId(watcher - stream * this.#spec.watchersPerStream + 1);
    this.#state[watcher] = State.CREATING;
    const slot = this.#firstSlot + stream;
    if (this.#isOpen[stream] === 1) {
      this.#transport.send(slot, this.#template);
    } else {
      this.#isOpen[stream] = 1;
      this.#operations.call(client, slot, this.#template, nowNs);
    }
  }

  /** A message of one of the streams. */
  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    const reader = this.#reader;
    const stream = slot - this.#firstSlot;
    if (!reader.open(bytes, start, end)) {
      this.#garbled(slot, nowNs);
      return;
    }
    if (reader.isCreated || reader.isCanceled) this.#changed(stream, nowNs);
    const { watchersPerStream } = this.#spec;
    const isKnown = reader.watchId >= 1 && reader.watchId <= watchersPerStream;
    const watcher = isKnown ? stream * watchersPerStream + reader.watchId - 1 : -1;
    let events = 0;
    while (reader.nextEvent()) {
      events += 1;
      this.#event(watcher, bytes, nowNs);
    }
    if (reader.fault !== "") {
      this.#garbled(slot, nowNs);
    } else if (events === 0 && !reader.isCreated && !reader.isCanceled) {
      this.#operations.count(DELIVERY, "progressNotifications", 1);
    }
  }

  /** A stream has ended, and its watchers with it. */
  onStreamEnd(slot: number, status: number, message: string, nowNs: number): void {
    const stream = slot - this.#firstSlot;
    this.#isOpen[stream] = 0;
    const first = stream * this.#spec.watchersPerStream;
    const failure = status === Status.OK ? Status.UNAVAILABLE : status;
    const reason = message === "" ? "the server ended the stream" : message;
    const creating: number[] = [];
    for (let watcher = first; watcher < first + this.#spec.watchersPerStream; watcher++) {
      if (this.#state[watcher] === State.CREATING) creating.push(watcher);
      else this.#lose(watcher, failure, reason, nowNs);
    }
    // Last, since whoever hears of these may open the stream anew for others.
    for (const watcher of creating) this.#lose(watcher, failure, reason, nowNs);
    // Nobody is left to whom an event could come.
    if (this.#alive === 0 && this.deliveries.unsettled > 0) {
      this.deliveries.giveUp();
      this.#operations.settled();
    }
  }

  #event(watcher: number, bytes: Uint8Array, nowNs: number): void {
    const { isDelete, valueStart, valueEnd, modRevision } = this.#reader;
    const number = isDelete ? -1 : readMark(bytes, valueStart, valueEnd, this.#spec.token);
    if (watcher < 0 || number < 0) {
      this.deliveries.foreign();
    } else {
      this.deliveries.event(watcher, this.#keyOf(watcher), number, modRevision, nowNs);
    }
  }

  /** A watcher was created, or was refused, or the server gives it up. */
  #changed(stream: number, nowNs: number): void {
    const { watchId, isCanceled, isCreated } = this.#reader;
    const first = stream * this.#spec.watchersPerStream;
    let watcher = first + watchId - 1;
    if (watchId < 1 || watchId > this.#spec.watchersPerStream) {
      // A refusal may name no watcher; answers come in the order of requests.
      watcher = this.#state.indexOf(State.CREATING, first);
      if (!isCanceled || watcher < 0 || this.#streamOf(watcher) !== stream) return;
    }
    if (isCanceled) {
      const reason = this.#reader.cancelReason || "the server cancelled the watcher";
      this.#lose(watcher, Status.ABORTED, reason, nowNs);
    } else if (isCreated && this.#state[watcher] === State.CREATING) {
      this.#state[watcher] = State.ALIVE;
      this.#alive += 1;
      this.deliveries.addWatchers(this.#keyOf(watcher), 1);
      this.onCreated(watcher, Status.OK, "", nowNs);
    }
  }

  #lose(watcher: number, status: number, message: string, nowNs: number): void {
    const state = this.#state[watcher]!;
    this.#state[watcher] = State.LOST;
    if (state === State.CREATING) this.onCreated(watcher, status, message, nowNs);
    if (state !== State.ALIVE) return;
    this.#alive -= 1;
    this.deliveries.addWatchers(this.#keyOf(watcher), -1);
    this.#unreportedLost += 1;
    if (this.#isPutPhase) this.#reportLost();
  }

  #reportLost(): void {
    if (this.#unreportedLost === 0) return;
    this.#operations.count(DELIVERY, "lostWatchers", this.#unreportedLost);
    this.#unreportedLost = 0;
  }

  #garbled(slot: number, nowNs: number): void {
    this.#transport.cancel(slot);
    this.onStreamEnd(slot, Status.INTERNAL, this.#reader.fault, nowNs);
  }

  #streamOf(watcher: number): number {
    return Math.floor(watcher / this.#spec.watchersPerStream);
  }

  #keyOf(watcher: number): number {
    return this.entries[watcher % this.entries.length]!;
  }

  #writeWatchId(id: number): void {
    const { bytes } = this.#template;
    const at = this.#idOffset;
    bytes[at] = (id & 0x7f) | 0x80;
    bytes[at + 1] = ((id >>> 7) & 0x7f) | 0x80;
    bytes[at + 2] = ((id >>> 14) & 0x7f) | 0x80;
    bytes[at + 3] = (id >>> 21) & 0x7f;
  }
}
