/**
 * Carries out the software transaction of the stm workload: it reads its keys one after the other, then
 * commits under the compares of its isolation, and begins again on a conflict. Each written key's
 * counter goes up by one, so that lost updates show in their sum.
 */

import { CallMode, type RequestTemplate, type Transport } from "#wire";
import { encodeMessage } from "../../protos.ts";
import { type Random, randomBelow, SeedStream } from "../../random.ts";
import { headerRevision } from "../parts/calls/header-revision.ts";
import { PLACEHOLDER, PLACEHOLDER_VALUE, writePadded } from "../parts/calls/padded-varint.ts";
import type { Part, PartHost } from "../parts/calls/part.ts";
import { findField, found, varintField } from "../parts/calls/protobuf-fields.ts";
import { offsetOfField } from "../parts/calls/template.ts";
import { runValue } from "../parts/keys/put-message.ts";
import { STM_COUNTER_BYTES } from "./layout.ts";
import type { StmWorkload } from "./schema.ts";
import { type CommitTemplate, commitTemplate, KEY_TAIL, stmKey, TXN_PATH } from "./stm-template.ts";

/** Field numbers of etcd's answers. */
const RANGE_KVS = 2;
const KV_MOD_REVISION = 3;
const KV_VALUE = 5;
const TXN_SUCCEEDED = 2;
const TXN_RESPONSES = 3;
const RESPONSE_RANGE = 1;

const CHOICES = new SeedStream("stm.choices");

/** etcd's concurrency package reads each key by a transaction of one range. */
function readMessage(requestRange: object): Buffer {
  return encodeMessage("etcdserverpb.TxnRequest", { success: [{ requestRange }] });
}

export class StmTransaction implements Part {
  readonly #plan: StmWorkload;
  readonly #seed: number;
  readonly #workerIndex: number;
  readonly #host: PartHost;
  readonly #transport: Transport;
  readonly #value: Uint8Array;
  readonly #counterBytes: number;
  /** The offset of the index in a key. */
  readonly #indexAt: number;
  /** Whether all reads of an attempt see the revision that its first one saw. */
  readonly #pins: boolean;
  /** Of the newest revision, by a member's own account where nothing pins; and of the first read's. */
  readonly #read: RequestTemplate;
  readonly #readKey: number;
  readonly #pinned: RequestTemplate;
  readonly #pinnedKey: number;
  readonly #pinnedRevision: number;
  /** By the number of writes. */
  readonly #commits: (CommitTemplate | undefined)[] = [];
  #random!: Random;
  #started = 0;

  /** By client and key of its transaction. */
  readonly #keys: Uint32Array;
  readonly #isWritten: Uint8Array;
  readonly #modRevision: Float64Array;
  readonly #counter: Float64Array;
  /** By client: how many of its keys are read, what the first read saw, how the commit went. */
  readonly #reads: Int32Array;
  readonly #firstRevision: Float64Array;
  readonly #isCommitting: Uint8Array;
  readonly #succeeded: Uint8Array;
  /** The place of the transaction's first value among all of the phase. */
  readonly #firstValue: Float64Array;

  constructor(
    plan: StmWorkload,
    seed: number,
    workerIndex: number,
    clients: number,
    host: PartHost,
    transport: Transport,
  ) {
    this.#plan = plan;
    this.#seed = seed;
    this.#workerIndex = workerIndex;
    this.#host = host;
    this.#transport = transport;
    this.#value = runValue(plan, seed);
    this.#counterBytes = Math.min(STM_COUNTER_BYTES, this.#value.length);
    const key = stmKey(plan.prefix);
    this.#indexAt = key.length - KEY_TAIL.length;
    this.#pins = plan.isolation === "serializable" || plan.isolation === "serializable-snapshot";
    const read = readMessage({ key, serializable: !this.#pins });
    this.#read = transport.template(TXN_PATH, read, CallMode.UNARY_ANSWER);
    this.#readKey = this.#read.messageOffset + offsetOfField(read, KEY_TAIL);
    const pinned = readMessage({ key, revision: PLACEHOLDER_VALUE, serializable: true });
    this.#pinned = transport.template(TXN_PATH, pinned, CallMode.UNARY_ANSWER);
    this.#pinnedKey = this.#pinned.messageOffset + offsetOfField(pinned, KEY_TAIL);
    this.#pinnedRevision = this.#pinned.messageOffset + offsetOfField(pinned, PLACEHOLDER);
    const cells = clients * plan.keysPerTxn;
    this.#keys = new Uint32Array(cells);
    this.#isWritten = new Uint8Array(cells);
    this.#modRevision = new Float64Array(cells);
    this.#counter = new Float64Array(cells);
    this.#reads = new Int32Array(clients);
    this.#firstRevision = new Float64Array(clients);
    this.#isCommitting = new Uint8Array(clients);
    this.#succeeded = new Uint8Array(clients);
    this.#firstValue = new Float64Array(clients);
    this.restart();
  }

  restart(): void {
    this.#random = CHOICES.random(this.#seed, this.#workerIndex);
    this.#started = 0;
  }

  start(client: number, nowNs: number): void {
    this.#firstValue[client] = this.#started * this.#plan.keysPerTxn;
    this.#started += 1;
    this.#choose(client);
    this.#readAll(client, nowNs);
  }

  request(client: number): RequestTemplate {
    if (this.#isCommitting[client] === 1) return this.#commit(client);
    const index = this.#keys[client * this.#plan.keysPerTxn + this.#reads[client]!]!;
    if (!this.#pins || this.#reads[client] === 0) {
      this.#read.bytes.writeUInt32BE(index, this.#readKey);
      return this.#read;
    }
    this.#pinned.bytes.writeUInt32BE(index, this.#pinnedKey);
    writePadded(this.#pinned.bytes, this.#pinnedRevision, this.#firstRevision[client]!);
    return this.#pinned;
  }

  /** A read of the transaction's first key, by which it is known among others. */
  firstRead(client: number): RequestTemplate {
    this.#read.bytes.writeUInt32BE(this.#keys[client * this.#plan.keysPerTxn]!, this.#readKey);
    return this.#read;
  }

  onMessage(client: number, bytes: Uint8Array, start: number, end: number): void {
    const revision = headerRevision(bytes, start, end);
    const first = client * this.#plan.keysPerTxn;
    if (this.#isCommitting[client] === 0) {
      if (this.#reads[client] === 0) this.#firstRevision[client] = revision;
      this.#keepAll(first + this.#reads[client]!, 1, bytes, start, end);
      return;
    }
    const succeeded = varintField(bytes, start, end, TXN_SUCCEEDED) === 1;
    this.#succeeded[client] = succeeded ? 1 : 0;
    if (succeeded) return;
    // What the failed commit has read again serves the next attempt.
    this.#firstRevision[client] = revision;
    this.#keepAll(first, this.#plan.keysPerTxn, bytes, start, end);
  }

  onAnswered(client: number, nowNs: number): void {
    if (this.#isCommitting[client] === 0) {
      this.#reads[client]! += 1;
      if (this.#reads[client] === this.#plan.keysPerTxn) this.#isCommitting[client] = 1;
    } else if (this.#succeeded[client] === 1) {
      this.#host.count("commits", 1);
      this.#host.count("increments", this.#writes(client));
      this.#host.done(client, nowNs);
      return;
    } else {
      this.#host.count("conflicts", 1);
      // Repeatable reads begin with reads; the others have read again where they failed.
      if (this.#plan.isolation === "repeatable-reads") {
        this.#readAll(client, nowNs);
        return;
      }
    }
    if (this.#isCommitting[client] === 1) this.#host.count("attempts", 1);
    this.#host.call(client, this.request(client), nowNs);
  }

  #readAll(client: number, nowNs: number): void {
    this.#reads[client] = 0;
    this.#isCommitting[client] = 0;
    this.#host.call(client, this.request(client), nowNs);
  }

  #choose(client: number): void {
    const { keysPerTxn, keySpaceSize, writePercent } = this.#plan;
    const first = client * keysPerTxn;
    const hundredths = keysPerTxn * writePercent;
    let writes = Math.floor(hundredths / 100);
    if (this.#random() * 100 < hundredths % 100) writes += 1;
    for (let chosen = 0; chosen < keysPerTxn; chosen++) {
      // Floyd's choice of distinct numbers: one draw each, however many there are.
      const bound = keySpaceSize - keysPerTxn + chosen + 1;
      let index = randomBelow(this.#random, bound);
      for (let cell = first; cell < first + chosen; cell++) {
        if (this.#keys[cell] === index) {
          index = bound - 1;
          break;
        }
      }
      this.#keys[first + chosen] = index;
      // Of the keys that are left each is as likely among the writes that are left.
      const isWritten = this.#random() * (keysPerTxn - chosen) < writes;
      this.#isWritten[first + chosen] = isWritten ? 1 : 0;
      if (isWritten) writes -= 1;
    }
  }

  /** Keeps what the ranges of a transaction's answer hold, in `cells` cells at most from `first` on. */
  #keepAll(first: number, cells: number, bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    for (let cell = first; cell < first + cells; cell++) {
      if (!findField(bytes, at, end, TXN_RESPONSES)) return;
      at = found.end;
      if (!findField(bytes, found.start, found.end, RESPONSE_RANGE)) continue;
      this.#keep(cell, bytes, found.start, found.end);
    }
  }

  #keep(cell: number, bytes: Uint8Array, start: number, end: number): void {
    this.#modRevision[cell] = 0;
    this.#counter[cell] = 0;
    if (!findField(bytes, start, end, RANGE_KVS)) return;
    const kvStart = found.start;
    const kvEnd = found.end;
    this.#modRevision[cell] = varintField(bytes, kvStart, kvEnd, KV_MOD_REVISION);
    if (!findField(bytes, kvStart, kvEnd, KV_VALUE)) return;
    const counterEnd = Math.min(found.end, found.start + this.#counterBytes);
    for (let at = found.start; at < counterEnd; at++) {
      this.#counter[cell] = this.#counter[cell]! * 256 + bytes[at]!;
    }
  }

  #writes(client: number): number {
    const first = client * this.#plan.keysPerTxn;
    let writes = 0;
    for (let cell = first; cell < first + this.#plan.keysPerTxn; cell++) {
      writes += this.#isWritten[cell]!;
    }
    return writes;
  }

  #commit(client: number): RequestTemplate {
    const writes = this.#writes(client);
    const commit = this.#commitOf(writes);
    const { sized, template } = commit;
    const { bytes } = template;
    sized?.begin();
    const first = client * this.#plan.keysPerTxn;
    let written = 0;
    for (let place = 0; place < this.#plan.keysPerTxn; place++) {
      const cell = first + place;
      const index = this.#keys[cell]!;
      if (commit.readKeys.length > 0) {
        bytes.writeUInt32BE(index, commit.readKeys[place]!);
        writePadded(bytes, commit.readRevisions[place]!, this.#modRevision[cell]!);
      }
      if (commit.againKeys.length > 0) bytes.writeUInt32BE(index, commit.againKeys[place]!);
      if (this.#isWritten[cell] === 0) continue;
      if (commit.writtenKeys.length > 0) {
        bytes.writeUInt32BE(index, commit.writtenKeys[written]!);
        writePadded(bytes, commit.writtenRevisions[written]!, this.#firstRevision[client]! + 1);
      }
      sized?.add(this.#firstValue[client]! + place);
      const keyAt = sized === null ? commit.putKeys[written]! : sized.keyOffset + this.#indexAt;
      bytes.writeUInt32BE(index, keyAt);
      if (this.#counterBytes > 0) {
        const valueAt = sized === null ? commit.putValues[written]! : sized.valueOffset;
        const counter = (this.#counter[cell]! + 1) % 256 ** this.#counterBytes;
        bytes.writeUIntBE(counter, valueAt, this.#counterBytes);
      }
      written += 1;
    }
    sized?.end();
    return template;
  }

  #commitOf(writes: number): CommitTemplate {
    this.#commits[writes] ??= commitTemplate(this.#plan, writes, this.#value, this.#transport, {
      seed: this.#seed,
      workerIndex: this.#workerIndex,
    });
    return this.#commits[writes];
  }
}
