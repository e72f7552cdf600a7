/**
 * Owns the lock of stm by etcd's mutex recipe: each client has a key that hangs on its lease, and
 * the one with the oldest creation holds the lock. Who waits watches the key created just before
 * its own, so that a release wakes one client. A client whose operation was cut keeps its place.
 */
import { encodeMessage } from "../../protos.ts";
import { CallMode, type RequestTemplate, type Transport } from "../transport.ts";
import { Status } from "../wire/grpc-status.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "./padded-varint.ts";
import { findField, found, varintField } from "./protobuf-fields.ts";
import type { Part, PartHost } from "./stm.ts";
import { offsetOfField } from "./template.ts";

const Step = { ENTER: 0, LOOK: 1, WATCH: 2 } as const;

/** Field numbers of etcd's answers. */
const HEADER = 1;
const HEADER_REVISION = 3;
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

/** Behind the lock's name and a slash: the lease's id, in hexadecimal of a fixed width. */
const KEY_TAIL_CHARS = 16;

export class ClientLock {
  readonly acquire: Part;
  readonly release: Part;

  constructor(name: string, leases: readonly string[], host: PartHost, transport: Transport) {
    this.acquire = new Acquire(name, leases, host, transport);
    const templates = leases.map((lease) => {
      const message = encodeMessage("etcdserverpb.DeleteRangeRequest", { key: keyOf(name, lease) });
      return transport.template("/etcdserverpb.KV/DeleteRange", message);
    });
    this.release = {
      start: (client, nowNs) => host.call(client, templates[client]!, nowNs),
      request: (client) => templates[client]!,
      onMessage: () => {},
      onAnswered: (client, nowNs) => host.done(client, nowNs),
    };
  }
}

class Acquire implements Part {
  readonly #host: PartHost;
  readonly #enters: RequestTemplate[];
  readonly #look: RequestTemplate;
  readonly #lookRevision: number;
  readonly #watch: RequestTemplate;
  readonly #watchTail: number;
  readonly #watchRevision: number;
  /** By client. */
  readonly #step: Uint8Array;
  readonly #isFree: Uint8Array;
  readonly #ownRevision: Float64Array;
  readonly #seenRevision: Float64Array;
  readonly #predecessors: Buffer;

  constructor(name: string, leases: readonly string[], host: PartHost, transport: Transport) {
    this.#host = host;
    this.#enters = leases.map((lease) => {
      const message = enterMessage(name, lease);
      return transport.template("/etcdserverpb.KV/Txn", message, CallMode.UNARY_ANSWER);
    });
    const look = encodeMessage("etcdserverpb.RangeRequest", {
      ...prefixOf(name),
      limit: 1,
      sortOrder: "DESCEND",
      sortTarget: "CREATE",
      maxCreateRevision: PLACEHOLDER_VALUE,
    });
    this.#look = transport.template("/etcdserverpb.KV/Range", look, CallMode.UNARY_ANSWER);
    this.#lookRevision = this.#look.messageOffset + offsetOfField(look, PLACEHOLDER);
    const key = keyOf(name, "0");
    const watch = encodeMessage("etcdserverpb.WatchRequest", {
      createRequest: { key, startRevision: PLACEHOLDER_VALUE },
    });
    this.#watch = transport.template("/etcdserverpb.Watch/Watch", watch, CallMode.STREAM);
    const keyAt = this.#watch.messageOffset + offsetOfField(watch, key);
    this.#watchTail = keyAt + key.length - KEY_TAIL_CHARS;
    this.#watchRevision = this.#watch.messageOffset + offsetOfField(watch, PLACEHOLDER);
    this.#step = new Uint8Array(leases.length);
    this.#isFree = new Uint8Array(leases.length);
    this.#ownRevision = new Float64Array(leases.length);
    this.#seenRevision = new Float64Array(leases.length);
    this.#predecessors = Buffer.alloc(leases.length * KEY_TAIL_CHARS);
  }

  start(client: number, nowNs: number): void {
    this.#call(client, Step.ENTER, nowNs);
  }

  request(client: number): RequestTemplate {
    switch (this.#step[client]) {
      case Step.ENTER:
        return this.#enters[client]!;
      case Step.LOOK:
        writePadded(this.#look.bytes, this.#lookRevision, this.#ownRevision[client]! - 1);
        return this.#look;
      default: {
        const at = client * KEY_TAIL_CHARS;
        this.#predecessors.copy(this.#watch.bytes, this.#watchTail, at, at + KEY_TAIL_CHARS);
        writePadded(this.#watch.bytes, this.#watchRevision, this.#seenRevision[client]!);
        return this.#watch;
      }
    }
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (this.#step[client] === Step.WATCH) {
      this.#onWatched(client, bytes, start, end, nowNs);
      return;
    }
    let revision = 0;
    if (findField(bytes, start, end, HEADER)) {
      revision = varintField(bytes, found.start, found.end, HEADER_REVISION);
    }
    if (this.#step[client] === Step.ENTER) this.#onEntered(client, bytes, start, end, revision);
    else this.#onLooked(client, bytes, start, end, revision);
  }

  onAnswered(client: number, nowNs: number): void {
    if (this.#step[client] === Step.WATCH) {
      this.#host.fail(client, Status.UNAVAILABLE, "the server ended the watch", nowNs);
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

  /** Two ranges answer: of the own key where it was there already, and of the oldest of all. */
  #onEntered(client: number, bytes: Uint8Array, start: number, end: number, revision: number) {
    const isNew = varintField(bytes, start, end, TXN_SUCCEEDED) === 1;
    findField(bytes, start, end, TXN_RESPONSES);
    const secondFrom = found.end;
    const own = isNew ? revision : createRevision(bytes, found.start, found.end);
    findField(bytes, secondFrom, end, TXN_RESPONSES);
    const oldest = createRevision(bytes, found.start, found.end);
    this.#ownRevision[client] = own;
    this.#isFree[client] = oldest === own ? 1 : 0;
  }

  #onLooked(client: number, bytes: Uint8Array, start: number, end: number, revision: number) {
    const isThere = findField(bytes, start, end, RANGE_KVS);
    this.#isFree[client] = isThere ? 0 : 1;
    this.#seenRevision[client] = revision;
    if (!isThere || !findField(bytes, found.start, found.end, KV_KEY)) return;
    const tail = bytes.subarray(found.end - KEY_TAIL_CHARS, found.end);
    this.#predecessors.set(tail, client * KEY_TAIL_CHARS);
  }

  #onWatched(client: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (varintField(bytes, start, end, WATCH_CANCELED) !== 0) {
      this.#host.cancel(client);
      this.#host.fail(client, Status.CANCELLED, "the server cancelled the watch", nowNs);
      return;
    }
    if (!findField(bytes, start, end, WATCH_EVENTS)) return;
    if (varintField(bytes, found.start, found.end, EVENT_TYPE) !== EVENT_DELETE) return;
    this.#host.cancel(client);
    // The one before it may have been cut off in the middle of the queue.
    this.#call(client, Step.LOOK, nowNs);
  }
}

function keyOf(name: string, lease: string): Buffer {
  return Buffer.from(`${name}/${BigInt(lease).toString(16).padStart(KEY_TAIL_CHARS, "0")}`);
}

function prefixOf(name: string): { key: Buffer; rangeEnd: Buffer } {
  // "0" is the character behind the slash.
  return { key: Buffer.from(`${name}/`), rangeEnd: Buffer.from(`${name}0`) };
}

function enterMessage(name: string, lease: string): Buffer {
  const key = keyOf(name, lease);
  const oldest = {
    requestRange: { ...prefixOf(name), limit: 1, sortOrder: "ASCEND", sortTarget: "CREATE" },
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
