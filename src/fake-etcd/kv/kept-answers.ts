/**
 * Answers etcd's KV requests out of what the server keeps: Range, Put, DeleteRange and Txn. A request
 * that is not understood is refused as a whole.
 */
import { type Mistakes, NO_MISTAKES } from "../mistakes.ts";
import { ProtoWriter } from "../proto-writer.ts";
import { beginResponse, FIRST_REVISION } from "../response-header.ts";
import type { Change, KeyValues } from "./key-values.ts";
import { type Compared, Op, type Operation, readOperation, readTransaction } from "./requests.ts";

/** The end that means all keys from the start on. */
const NO_END = "\0";

type KvMistakes = Pick<Mistakes, "applies" | "isStale">;

export class KeptAnswers {
  readonly #keyValues: KeyValues;
  readonly #onChange: (change: Change) => void;
  readonly #writer = new ProtoWriter();

  readonly #mistakes: KvMistakes;
  #puts = 0;
  #ranges = 0;

  /** `onChange` is called with each change, before its request is answered. */
  constructor(
    keyValues: KeyValues,
    onChange: (change: Change) => void,
    mistakes: KvMistakes = NO_MISTAKES,
  ) {
    this.#keyValues = keyValues;
    this.#onChange = onChange;
    this.#mistakes = mistakes;
  }

  /** The serialised answer to a request of one operation; null where it is not understood. */
  single(kind: number, message: Uint8Array): Uint8Array | null {
    const operation = readOperation(kind, message);
    if (operation === null) return null;
    this.#beginRevision([operation]);
    return this.#carryOut(operation);
  }

  /** The same of a transaction. Field numbers of TxnResponse. */
  transaction(message: Uint8Array): Uint8Array | null {
    const transaction = readTransaction(message);
    if (transaction === null) return null;
    const succeeded = transaction.compares.every((each) => this.#holds(each));
    const operations = succeeded ? transaction.success : transaction.failure;
    this.#beginRevision(operations);
    const parts = operations.map((operation) => {
      const answer = this.#carryOut(operation);
      return this.#writer.bytes(operation.kind, answer).finish();
    });
    this.#beginAnswer().flag(2, succeeded);
    for (const part of parts) this.#writer.bytes(3, part);
    return this.#writer.finish();
  }

  #holds({ key, isVersion, wanted }: Compared): boolean {
    const stored = this.#keyValues.get(key);
    if (stored === undefined) return wanted === 0;
    return (isVersion ? stored.version : stored.modRevision) === wanted;
  }

  /** A request's writes share one revision. */
  #beginRevision(operations: readonly Operation[]): void {
    if (operations.some(({ kind }) => kind !== Op.RANGE)) this.#keyValues.revision += 1;
  }

  /** Returns the operation's own answer. */
  #carryOut(operation: Operation): Uint8Array {
    switch (operation.kind) {
      case Op.RANGE:
        return this.#range(operation);
      case Op.PUT: {
        const { key, value, lease } = operation;
        this.#puts += 1;
        for (let times = this.#mistakes.applies(this.#puts); times > 0; times--) {
          this.#onChange(this.#keyValues.put(key, value, lease));
        }
        return this.#beginAnswer().finish();
      }
      default:
        return this.#deleteRange(operation);
    }
  }

  /** Field numbers of RangeResponse. */
  #range(operation: Operation): Uint8Array {
    const { limit, isCountOnly } = operation;
    const [from, to] = this.#placesOf(operation);
    const count = to - from;
    const listed = isCountOnly ? 0 : Math.min(count, limit || count);
    this.#ranges += 1;
    const isStale = this.#mistakes.isStale(this.#ranges);
    beginResponse(this.#writer, isStale ? FIRST_REVISION : this.#keyValues.revision);
    for (let place = from; place < from + listed; place++) {
      this.#writer.bytes(2, this.#keyValues.at(place).keyValue);
    }
    const hasMore = !isCountOnly && listed < count;
    return this.#writer.flag(3, hasMore).number(4, count).finish();
  }

  /** Field numbers of DeleteRangeResponse. */
  #deleteRange(operation: Operation): Uint8Array {
    const [from, to] = this.#placesOf(operation);
    const keys = Array.from({ length: to - from }, (_, at) => this.#keyValues.keyAt(from + at));
    for (const key of keys) this.#onChange(this.#keyValues.delete(key)!);
    return this.#beginAnswer().number(2, keys.length).finish();
  }

  /** The places of the keys that the operation is about, among all keys. */
  #placesOf({ key, end }: Operation): [from: number, to: number] {
    const keyValues = this.#keyValues;
    const from = keyValues.placeOf(key);
    if (end === NO_END) return [from, keyValues.count];
    if (end !== "") return [from, Math.max(from, keyValues.placeOf(end))];
    return [from, keyValues.get(key) === undefined ? from : from + 1];
  }

  #beginAnswer(): ProtoWriter {
    return beginResponse(this.#writer, this.#keyValues.revision);
  }
}
