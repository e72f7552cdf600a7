/**
 * Owns transactions of puts: under the next keys in order, as upstream, or under a key that was
 * drawn and those behind it; so none puts a key twice, which etcd refuses.
 */
import type { KeySpace } from "../../plan/schema.ts";
import { DealtSequence, type WorkerShare } from "../../plan/shares.ts";
import { encodeMessage } from "../../protos.ts";
import { seededRandom } from "../random.ts";
import type { RequestTemplate, Transport } from "../transport.ts";
import { KeySequence, KeyWriter } from "./key-space.ts";
import { putMessage } from "./put-message.ts";
import type { RequestSource } from "./single-calls.ts";

/** The seed's generators for first keys, one for each worker. */
const FIRST_KEY_STREAM = 7_000;

/** `txnOps` is at most the key space's size. */
export interface TxnPutRequest {
  keys: KeySpace;
  valSizeBytes: number;
  txnOps: number;
}

export class TxnPut implements RequestSource {
  readonly #template: RequestTemplate;
  readonly #firstKeyOffset: number;
  /** Bytes from one operation's key to the next one's. */
  readonly #strideBytes: number;
  readonly #txnOps: number;
  readonly #keySpaceSize: number;
  readonly #writer: KeyWriter;
  readonly #transactions: DealtSequence;
  /** The first key of each transaction; null for keys in order. */
  readonly #drawn: KeySequence | null;

  constructor(request: TxnPutRequest, seed: number, share: WorkerShare, transport: Transport) {
    const { keys, valSizeBytes, txnOps } = request;
    const put = putMessage(keys.keySizeBytes, valSizeBytes, seed);
    const one = encodeMessage("etcdserverpb.TxnRequest", {
      success: [{ requestPut: put.fields }],
    });
    // Concatenated messages are one whose repeated fields hold all items, in order.
    const message = Buffer.concat(Array.from({ length: txnOps }, () => one));
    this.#template = transport.template("/etcdserverpb.KV/Txn", message);
    this.#strideBytes = one.length;
    this.#firstKeyOffset =
      this.#template.messageOffset + one.length - put.bytes.length + put.keyOffset;
    this.#txnOps = txnOps;
    this.#keySpaceSize = keys.keySpaceSize;
    this.#writer = new KeyWriter(keys);
    this.#transactions = new DealtSequence(share);
    const makeRandom = () => seededRandom(seed, FIRST_KEY_STREAM + share.workerIndex);
    this.#drawn = keys.sequential ? null : new KeySequence(keys, share, makeRandom);
  }

  /** The ticket is the first key's place in the run's order of keys. */
  next(): number {
    return this.#drawn === null ? this.#transactions.next() * this.#txnOps : this.#drawn.next();
  }

  request(ticket: number): RequestTemplate {
    const { bytes } = this.#template;
    let at = this.#firstKeyOffset;
    for (let operation = 0; operation < this.#txnOps; operation++) {
      this.#writer.write((ticket + operation) % this.#keySpaceSize, bytes, at);
      at += this.#strideBytes;
    }
    return this.#template;
  }

  restart(): void {
    this.#transactions.restart();
    this.#drawn?.restart();
  }
}
