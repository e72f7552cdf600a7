/**
 * Takes a lock by etcd's mutex recipe: each client has a key that hangs on its lease, and the one with
 * the oldest creation holds the lock. A waiting client watches the key created just before its own, so
 * that a release wakes one client. A client whose operation was cut keeps its place.
 */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import { encodeMessage } from "../../../protos.ts";
import { headerRevision } from "../calls/header-revision.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../calls/padded-varint.ts";
import { oneCall, type Part, type PartHost } from "../calls/part.ts";
import { findField, found, varintField } from "../calls/protobuf-fields.ts";
import { offsetOfField } from "../calls/template.ts";
import { cancelReasonOf } from "../watching/watch-response.ts";
import { type Contender, keysBelow, type Locker } from "./locker.ts";

const Step = { ENTER: 0, LOOK: 1, WATCH: 2 } as const;

/** Field numbers of etcd's answers. */
const RANGE_KVS = 2;
const KV_KEY = 1;
const KV_CREATE_REVISION = 2;
const TXN_SUCCEEDED = 2;
const TXN_RESPONSES = 3;
const RESPONSE_RANGE = 1;
const WATCH_CANCELED = 4;
const WATCH_EVENTS = 11;
const EVENT_TYPE = 1;
const EVENT_DELETE = 1;

/** After the lock's name and a slash: the lease's id, in hexadecimal of a fixed width. */
const KEY_TAIL_CHARS = 16;

export class ClientLock implements Locker {
  readonly acquire: Part;
  readonly release: Part;
  readonly #names: readonly string[];
  readonly #transport: Transport;
  readonly #acquire: Acquire;
  /** By client. */
  readonly #releases: RequestTemplate[];

  constructor(contenders: readonly Contender[], host: PartHost, transport: Transport) {
    this.#names = contenders.map(({ name }) => name);
    this.#transport = transport;
    this.#acquire = new Acquire(contenders, host, transport);
    this.acquire = this.#acquire;
    this.#releases = contenders.map((contender) => this.#delete(contender));
    this.release = oneCall(host, (client) => this.#releases[client]!);
  }

  renew(client: number, lease: string): void {
    const contender = { name: this.#names[client]!, lease };
    this.#releases[client] = this.#delete(contender);
    this.#acquire.renew(client, contender);
  }

  createRevision(client: number): number {
    return this.#acquire.ownRevision[client]!;
  }

  #delete(contender: Contender): RequestTemplate {
    const key = keyOf(contender);
    const message = encodeMessage("etcdserverpb.DeleteRangeRequest", { key });
    return this.#transport.template("/etcdserverpb.KV/DeleteRange", message);
  }
}

/** The requests of all that want one lock, with what is patched. */
interface QueueTemplates {
  look: RequestTemplate;
  lookRevision: number;
  watch: RequestTemplate;
  watchTail: number;
  watchRevision: number;
}

class Acquire implements Part {
  readonly #host: PartHost;
  readonly #transport: Transport;
  /** By client. */
  readonly #enters: RequestTemplate[];
  readonly #queues: QueueTemplates[];
  readonly #step: Uint8Array;
  readonly #isFree: Uint8Array;
  readonly ownRevision: Float64Array;
  readonly #seenRevision: Float64Array;
  readonly #predecessors: Buffer;

  constructor(contenders: readonly Contender[], host: PartHost, transport: Transport) {
    this.#host = host;
    this.#transport = transport;
    this.#enters = contenders.map((contender) => this.#enter(contender));
    const queues = new Map<string, QueueTemplates>();
    this.#queues = contenders.map(({ name }) => {
      const queue = queues.get(name) ?? queueTemplates(name, transport);
      queues.set(name, queue);
      return queue;
    });
    const clients = contenders.length;
    this.#step = new Uint8Array(clients);
    this.#isFree = new Uint8Array(clients);
    this.ownRevision = new Float64Array(clients);
    this.#seenRevision = new Float64Array(clients);
    this.#predecessors = Buffer.alloc(clients * KEY_TAIL_CHARS);
  }

  renew(client: number, contender: Contender): void {
    this.#enters[client] = this.#enter(contender);
  }

  start(client: number, nowNs: number): void {
    this.#call(client, Step.ENTER, nowNs);
  }

  request(client: number): RequestTemplate {
    const { look, lookRevision, watch, watchTail, watchRevision } = this.#queues[client]!;
    switch (this.#step[client]) {
      case Step.ENTER:
        return this.#enters[client]!;
      case Step.LOOK:
        writePadded(look.bytes, lookRevision, this.ownRevision[client]! - 1);
        return look;
      default: {
        const at = client * KEY_TAIL_CHARS;
        this.#predecessors.copy(watch.bytes, watchTail, at, at + KEY_TAIL_CHARS);
        writePadded(watch.bytes, watchRevision, this.#seenRevision[client]!);
        return watch;
      }
    }
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (this.#step[client] === Step.WATCH) {
      this.#onWatched(client, bytes, start, end, nowNs);
      return;
    }
    const revision = headerRevision(bytes, start, end);
    this.#seenRevision[client] = revision;
    if (this.#step[client] === Step.ENTER) this.#onEntered(client, bytes, start, end, revision);
    else this.#onLooked(client, bytes, start, end);
  }

  onAnswered(client: number, nowNs: number): void {
    if (this.#step[client] === Step.WATCH) {
      this.#host.fail(client, Status.UNAVAILABLE, "the server ended the watch", nowNs);
    } else if (this.ownRevision[client] === 0) {
      const reason = "the answer tells of no key of the client's";
      this.#host.fail(client, Status.INTERNAL, reason, nowNs);
    } else if (this.#isFree[client] === 1) {
      this.#host.done(client, nowNs);
    } else {
      const next = this.#step[client] === Step.ENTER ? Step.LOOK : Step.WATCH;
      this.#call(client, next, nowNs);
    }
  }

  #call(client: number, step: number, nowNs: number): void {
    this.#step[client] = step;
    this.#host.call(client, this.request(client), nowNs);
  }

  #enter(contender: Contender): RequestTemplate {
    const message = enterMessage(contender);
    return this.#transport.template("/etcdserverpb.KV/Txn", message, CallMode.UNARY_ANSWER);
  }

  /** Two ranges answer: of the own key where it was there already, and of the oldest of all. */
  #onEntered(client: number, bytes: Uint8Array, start: number, end: number, revision: number) {
    const isNew = varintField(bytes, start, end, TXN_SUCCEEDED) === 1;
    findField(bytes, start, end, TXN_RESPONSES);
    const secondFrom = found.end;
    const own = isNew ? revision : createRevision(bytes, found.start, found.end);
    findField(bytes, secondFrom, end, TXN_RESPONSES);
    const oldest = createRevision(bytes, found.start, found.end);
    this.ownRevision[client] = own;
    this.#isFree[client] = oldest === own ? 1 : 0;
  }

  #onLooked(client: number, bytes: Uint8Array, start: number, end: number) {
    const isThere = findField(bytes, start, end, RANGE_KVS);
    this.#isFree[client] = isThere ? 0 : 1;
    if (!isThere || !findField(bytes, found.start, found.end, KV_KEY)) return;
    const tail = bytes.subarray(found.end - KEY_TAIL_CHARS, found.end);
    this.#predecessors.set(tail, client * KEY_TAIL_CHARS);
  }

  #onWatched(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (varintField(bytes, start, end, WATCH_CANCELED) !== 0) {
      const reason = cancelReasonOf(bytes, start, end);
      if (this.#transport.messageRefused?.(client, reason)) return;
      this.#host.cancel(client);
      const words = `etcd cancelled the watch: ${reason}`;
      this.#host.fail(client, Status.CANCELLED, words, nowNs);
      return;
    }
    if (!findField(bytes, start, end, WATCH_EVENTS)) return;
    if (varintField(bytes, found.start, found.end, EVENT_TYPE) !== EVENT_DELETE) return;
    this.#host.cancel(client);
    // The one before it may have been cut off in the middle of the queue.
    this.#call(client, Step.LOOK, nowNs);
  }
}

function queueTemplates(name: string, transport: Transport): QueueTemplates {
  const look = encodeMessage("etcdserverpb.RangeRequest", {
    ...keysBelow(name),
    limit: 1,
    sortOrder: "DESCEND",
    sortTarget: "CREATE",
    maxCreateRevision: PLACEHOLDER_VALUE,
  });
  const lookTemplate = transport.template("/etcdserverpb.KV/Range", look, CallMode.UNARY_ANSWER);
  const key = keyOf({ name, lease: "0" });
  const watch = encodeMessage("etcdserverpb.WatchRequest", {
    createRequest: { key, startRevision: PLACEHOLDER_VALUE },
  });
  const watchTemplate = transport.template("/etcdserverpb.Watch/Watch", watch, CallMode.STREAM);
  const { messageOffset } = watchTemplate;
  return {
    look: lookTemplate,
    lookRevision: lookTemplate.messageOffset + offsetOfField(look, PLACEHOLDER),
    watch: watchTemplate,
    watchTail: messageOffset + offsetOfField(watch, key) + key.length - KEY_TAIL_CHARS,
    watchRevision: messageOffset + offsetOfField(watch, PLACEHOLDER),
  };
}

/** What the client puts to enter the queue. */
export function keyOf({ name, lease }: Contender): Buffer {
  return Buffer.from(`${name}/${BigInt(lease).toString(16).padStart(KEY_TAIL_CHARS, "0")}`);
}

function enterMessage(contender: Contender): Buffer {
  const key = keyOf(contender);
  const { name, lease } = contender;
  const oldest = {
    requestRange: { ...keysBelow(name), limit: 1, sortOrder: "ASCEND", sortTarget: "CREATE" },
  };
  return encodeMessage("etcdserverpb.TxnRequest", {
    compare: [{ result: "EQUAL", target: "CREATE", key, createRevision: 0 }],
    success: [{ requestPut: { key, lease } }, oldest],
    failure: [{ requestRange: { key } }, oldest],
  });
}

/** Of the one key in a ResponseOp with a range; 0 without. */
function createRevision(bytes: Uint8Array, start: number, end: number): number {
  if (!findField(bytes, start, end, RESPONSE_RANGE)) return 0;
  if (!findField(bytes, found.start, found.end, RANGE_KVS)) return 0;
  return varintField(bytes, found.start, found.end, KV_CREATE_REVISION);
}
