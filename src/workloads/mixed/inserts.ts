/**
 * Tracks the keys that a worker inserts beyond the key space: which is next, and up to which of them
 * all are there. It does not know those that others insert meanwhile: workers share nothing.
 */
import { DealtSequence, type WorkerShare } from "../../plan/shares.ts";
import type { InsertedKeys } from "../parts/keys/popularity.ts";

const NONE = -1;

export class Inserts implements InsertedKeys {
  /** From the oldest on, those before the first that is under way; an insert that failed counts too. */
  count = 0;
  readonly #keySpaceSize: number;
  readonly #dealt: DealtSequence;
  #next = 0;
  /** Clients whose inserts are under way, in the order in which they began: a linked list. */
  #first = NONE;
  #last = NONE;
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  readonly #position: Float64Array;

  constructor(keySpaceSize: number, share: WorkerShare) {
    const clients = share.clientConnections.length;
    this.#keySpaceSize = keySpaceSize;
    this.#dealt = new DealtSequence(share);
    this.#before = new Int32Array(clients);
    this.#after = new Int32Array(clients);
    this.#position = new Float64Array(clients).fill(NONE);
  }

  /** The place of the client's insert among all of the worker. */
  begin(client: number): number {
    const position = this.#next;
    this.#next += 1;
    this.#position[client] = position;
    this.#before[client] = this.#last;
    this.#after[client] = NONE;
    if (this.#last === NONE) this.#first = client;
    else this.#after[this.#last] = client;
    this.#last = client;
    return position;
  }

  /** However it ended. */
  end(client: number): void {
    if (this.#position[client] === NONE) return;
    const before = this.#before[client]!;
    const after = this.#after[client]!;
    if (before === NONE) this.#first = after;
    else this.#after[before] = after;
    if (after === NONE) this.#last = before;
    else this.#before[after] = before;
    this.#position[client] = NONE;
    this.count = this.#first === NONE ? this.#next : this.#position[this.#first]!;
  }

  /** Of the key at that place, after the key space; no two workers have one. */
  indexOf(position: number): number {
    return this.#keySpaceSize + this.#dealt.at(position);
  }
}
