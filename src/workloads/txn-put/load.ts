/**
 * Sends transactions of puts: under the next keys in order, as upstream, or under a key that was drawn
 * and those after it; so none puts a key twice, which etcd refuses.
 */

import type { RequestTemplate, Transport } from "#wire";
import type { Load } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import type { KeySpace } from "../../plan/key-space.ts";
import { DealtSequence, type WorkerShare } from "../../plan/shares.ts";
import type { Values } from "../../plan/value-size.ts";
import { encodeMessage } from "../../protos.ts";
import { SeedStream } from "../../random.ts";
import type { RequestSource } from "../parts/calls/single-calls.ts";
import { singleCalls } from "../parts/calls/single-calls.ts";
import { KeySequence, KeyWriter } from "../parts/keys/key-writer.ts";
import { putMessage } from "../parts/keys/put-message.ts";
import { SizedPuts } from "../parts/keys/sized-puts.ts";
import { VersionedKeys } from "../parts/keys/versioned-keys.ts";
import { replayedKeys } from "../parts/keys/written-keys.ts";

const SIZES = new SeedStream("txn-put.sizes");
const FIRST_KEYS = new SeedStream("txn-put.first-keys");

/** `txnOps` is at most the key space's size. */
export interface TxnPutRequest extends Values {
  keys: KeySpace;
  txnOps: number;
}

export class TxnPut implements RequestSource {
  readonly #template: RequestTemplate;
  /** Null where all values have one size. */
  readonly #sized: SizedPuts | null;
  readonly #firstKeyOffset: number;
  /** Bytes from one operation's key to the next one's. */
  readonly #strideBytes: number;
  readonly #txnOps: number;
  readonly #keySpaceSize: number;
  readonly #writer: KeyWriter;
  readonly #transactions: DealtSequence;
  /** The first key of each transaction; null for keys in order. */
  readonly #drawn: KeySequence | null;
  /** Null for keys in order, whose places are all different, and where all values have one size. */
  readonly #turns: VersionedKeys | null;

  constructor(request: TxnPutRequest, seed: number, share: WorkerShare, transport: Transport) {
    const { keys, valueSize, txnOps } = request;
    const key = Buffer.alloc(keys.keySizeBytes, 0xff);
    const put = putMessage(key, request, seed);
    const value = put.bytes.subarray(put.valueOffset);
    const one = encodeMessage("etcdserverpb.TxnRequest", {
      success: [{ requestPut: value.length === 0 ? { key } : { key, value } }],
    });
    if (valueSize === null) {
      // Concatenated messages are one whose repeated fields hold all items, in order.
      const message = Buffer.concat(Array.from({ length: txnOps }, () => one));
      this.#template = transport.template("/etcdserverpb.KV/Txn", message);
      this.#sized = null;
    } else {
      const sizes = SIZES.random(seed, share.workerIndex);
      const before = Buffer.alloc(0);
      const options = { before, key, puts: txnOps, size: valueSize, seed, sizes };
      this.#sized = new SizedPuts(transport, options);
      this.#template = this.#sized.template;
    }
    this.#strideBytes = one.length;
    this.#firstKeyOffset =
      this.#template.messageOffset + one.length - put.bytes.length + put.keyOffset;
    this.#txnOps = txnOps;
    this.#keySpaceSize = keys.keySpaceSize;
    this.#writer = new KeyWriter(keys);
    this.#transactions = new DealtSequence(share);
    const makeRandom = () => FIRST_KEYS.random(seed, share.workerIndex);
    const repeats = valueSize !== null && !keys.sequential;
    this.#turns = repeats ? new VersionedKeys(keys.keySpaceSize) : null;
    this.#drawn = keys.sequential ? null : new KeySequence(keys, share, makeRandom);
  }

  /** The ticket is the first key's place in the run's order of keys, with its turn where sizes vary. */
  next(): number {
    if (this.#drawn === null) return this.#transactions.next() * this.#txnOps;
    const index = this.#drawn.next();
    return this.#turns === null ? index : this.#turns.next(index);
  }

  request(ticket: number): RequestTemplate {
    const { bytes } = this.#template;
    if (this.#sized !== null) return this.#sizedRequest(this.#sized, ticket);
    let at = this.#firstKeyOffset;
    for (let operation = 0; operation < this.#txnOps; operation++) {
      this.#writer.write((ticket + operation) % this.#keySpaceSize, bytes, at);
      at += this.#strideBytes;
    }
    return this.#template;
  }

  #sizedRequest(sized: SizedPuts, ticket: number): RequestTemplate {
    const { bytes } = sized.template;
    sized.begin();
    for (let place = ticket; place < ticket + this.#txnOps; place++) {
      sized.add(place);
      this.#writer.write(place % this.#keySpaceSize, bytes, sized.keyOffset);
    }
    sized.end();
    return sized.template;
  }

  restart(): void {
    this.#transactions.restart();
    this.#drawn?.restart();
    this.#turns?.restart();
  }
}

export interface TxnPutSpec extends OperationSpec {
  kind: "txn-put";
  txnPut: TxnPutRequest;
}

export const txnPutLoad: Load<TxnPutSpec> = {
  kind: "txn-put",
  make: ({ txnPut }, context) =>
    singleCalls(new TxnPut(txnPut, context.seed, context.share, context.transport), context),
  writtenKeys: (spec, share, seed, begun) =>
    replayedKeys(txnPutLoad, spec, share, seed, [Math.max(0, ...begun)]),
};
