/**
 * Observes elections, one observer of this worker for each: a stream of etcd's Observe, which reports
 * each new leader. Its delay is timed from the resignation of the leader before, where another client
 * was campaigning then, as the winner's own is. A stream that ends by an error, or before it has shown
 * anything, has failed: it is to go on for ever.
 */

import { CallMode, type RequestTemplate, Status, type Transport } from "#wire";
import type { Operations } from "../../../load/workload.ts";
import { encodeMessage } from "../../../protos.ts";
import { findField, found } from "../calls/protobuf-fields.ts";
import type { ContentionBoard } from "./contention-board.ts";
import { type ElectionValue, readElectionValue } from "./election-value.ts";

/** Of LeaderResponse and mvccpb.KeyValue. */
const LEADER_KV = 2;
const KV_VALUE = 5;
/** Between two attempts to open a stream again. */
const REOPEN_NS = 1e9;

export class ElectionObservers {
  readonly #series: number;
  readonly #firstSlot: number;
  readonly #board: ContentionBoard;
  readonly #operations: Operations;
  readonly #transport: Transport;
  /** By observer. */
  readonly #templates: RequestTemplate[];
  readonly #isOpen: Uint8Array;
  readonly #openedNs: Float64Array;
  /** What a stream begins with may be old. */
  readonly #hasHeard: Uint8Array;
  readonly #seen: ElectionValue[];
  readonly #value: ElectionValue = { client: 0, term: 0 };

  /** The slots from `firstSlot` on are one for each of `names`; delays and failures go to `series`. */
  constructor(
    names: readonly string[],
    { firstSlot, series }: { firstSlot: number; series: number },
    board: ContentionBoard,
    operations: Operations,
    transport: Transport,
  ) {
    this.#series = series;
    this.#firstSlot = firstSlot;
    this.#board = board;
    this.#operations = operations;
    this.#transport = transport;
    this.#templates = names.map((name) => {
      const message = encodeMessage("v3electionpb.LeaderRequest", { name: Buffer.from(name) });
      return transport.template("/v3electionpb.Election/Observe", message, CallMode.ANSWERS);
    });
    this.#isOpen = new Uint8Array(names.length);
    this.#openedNs = new Float64Array(names.length).fill(Number.NEGATIVE_INFINITY);
    this.#hasHeard = new Uint8Array(names.length);
    this.#seen = names.map(() => ({ client: -1, term: -1 }));
  }

  /** Opens what is not open, and was not tried just now. */
  tick(nowNs: number): void {
    for (let observer = 0; observer < this.#templates.length; observer++) {
      if (this.#isOpen[observer] === 1 || nowNs - this.#openedNs[observer]! < REOPEN_NS) continue;
      this.#isOpen[observer] = 1;
      this.#openedNs[observer] = nowNs;
      this.#hasHeard[observer] = 0;
      this.#transport.call(this.#firstSlot + observer, this.#templates[observer]!);
    }
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    const observer = slot - this.#firstSlot;
    const isFirst = this.#hasHeard[observer] === 0;
    this.#hasHeard[observer] = 1;
    if (!findField(bytes, start, end, LEADER_KV)) return;
    if (!findField(bytes, found.start, found.end, KV_VALUE)) return;
    const value = this.#value;
    if (!readElectionValue(bytes, found.start, found.end, value)) return;
    const seen = this.#seen[observer]!;
    // A leader that proclaims is reported again.
    const isNew = value.client !== seen.client || value.term !== seen.term;
    seen.client = value.client;
    seen.term = value.term;
    if (isFirst || !isNew) return;
    const delayNs = this.#board.sinceHandOverNs(value.client, value.term, nowNs);
    if (delayNs !== null) this.#operations.sample(this.#series, delayNs, 0, nowNs);
  }

  onStreamEnd(slot: number, status: number, message: string): void {
    const observer = slot - this.#firstSlot;
    this.#isOpen[observer] = 0;
    const hasServed = this.#hasHeard[observer] === 1;
    if (status === Status.OK && (hasServed || this.#transport.hasToken)) {
      // So etcd ends an Observe whose token has run out, or whose next revision was compacted.
      this.#operations.count(this.#series, "reopened", 1);
      return;
    }
    const failure = status === Status.OK ? Status.UNAVAILABLE : status;
    const reason = message === "" ? "the server ended the stream" : message;
    // A change that it did not see may have been reported at once: how long it was open bounds nothing.
    this.#operations.fail(this.#series, null, failure, reason);
  }
}
