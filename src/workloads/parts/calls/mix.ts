/**
 * Mixes kinds of operations: each operation is one of a workload of its own, drawn by weight from the
 * seed. Series 0 is all together; after it each kind has its own, and those of its parts where it has
 * some.
 */

import type { RequestTemplate } from "#wire";
import type { LoadContext } from "../../../load/load.ts";
import type { Operations, Workload } from "../../../load/workload.ts";
import type { Random } from "../../../random.ts";
import { SeedStream } from "../../../random.ts";
import type { LossCause } from "../../../stats/distinct-counts.ts";

export interface MixKind {
  /** Relative to the others'; 0: never. */
  weight: number;
  /** Series after its own one; absent: 0. */
  parts?: number;
  /** It uses no slots but the clients' own. */
  make(operations: Operations): Workload;
}

export class Mix implements Workload {
  readonly #workloads: readonly Workload[];
  /** The sum of the weights up to and with each kind. */
  readonly #upTo: Float64Array;
  /** By kind. */
  readonly #series: Uint16Array;
  readonly #makeRandom: () => Random;
  readonly #kinds: Uint8Array;
  readonly #operations: Operations;
  #random: Random;

  /** `makeRandom` yields the same generator anew each time, for `restart`. */
  constructor(
    kinds: readonly MixKind[],
    makeRandom: () => Random,
    clients: number,
    operations: Operations,
  ) {
    this.#operations = operations;
    let series = 1;
    this.#series = Uint16Array.from(kinds, ({ parts = 0 }) => {
      const own = series;
      series += 1 + parts;
      return own;
    });
    this.#workloads = kinds.map(({ make }, kind) =>
      make(new OwnSeries(operations, this.#series[kind]!)),
    );
    let sum = 0;
    this.#upTo = Float64Array.from(kinds, ({ weight }) => {
      sum += weight;
      return sum;
    });
    this.#makeRandom = makeRandom;
    this.#random = makeRandom();
    this.#kinds = new Uint8Array(clients);
  }

  begin(client: number, nowNs: number): void {
    const kind = this.#drawKind();
    this.#kinds[client] = kind;
    this.#workloads[kind]!.begin(client, nowNs);
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    this.#workloadOf(slot).onCallEnd(slot, status, message, nowNs);
  }

  onCallSent(client: number, nowNs: number): void {
    this.#workloadOf(client).onCallSent?.(client, nowNs);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    this.#workloadOf(slot).onMessage!(slot, bytes, start, end, nowNs);
  }

  onCallUnprocessed(slot: number, nowNs: number): void {
    this.#workloadOf(slot).onCallUnprocessed(slot, nowNs);
  }

  cancel(client: number, nowNs: number, status: number, message: string): void {
    this.#workloadOf(client).cancel(client, nowNs, status, message);
  }

  onDropped(waitedNs: number, dueNs: number): void {
    // The one that would have come next.
    const kind = this.#drawKind();
    this.#operations.dropped(this.#series[kind]!, waitedNs);
    this.#workloads[kind]!.onDropped?.(waitedNs, dueNs);
  }

  requestOf(client: number): RequestTemplate | null {
    return this.#workloadOf(client).requestOf?.(client) ?? null;
  }

  seriesOf(client: number): number {
    return this.#series[this.#kinds[client]!]!;
  }

  restart(isMeasured: boolean): void {
    this.#random = this.#makeRandom();
    for (const workload of this.#workloads) workload.restart(isMeasured);
  }

  #workloadOf(client: number): Workload {
    return this.#workloads[this.#kinds[client]!]!;
  }

  #drawKind(): number {
    const last = this.#upTo.length - 1;
    const drawn = this.#random() * this.#upTo[last]!;
    let kind = 0;
    while (kind < last && drawn >= this.#upTo[kind]!) kind += 1;
    return kind;
  }
}

/** What a kind calls its series 0 is one of the mix's, and its parts come after that. */
class OwnSeries implements Operations {
  readonly #operations: Operations;
  readonly #series: number;

  constructor(operations: Operations, series: number) {
    this.#operations = operations;
    this.#series = series;
  }

  call(client: number, slot: number, template: RequestTemplate, nowNs: number): void {
    this.#operations.call(client, slot, template, nowNs);
  }

  end(client: number, status: number, message: string, nowNs: number): void {
    this.#operations.end(client, status, message, nowNs, this.#series);
  }

  sample(
    series: number,
    durationNs: number,
    lateNs?: number,
    nowNs?: number,
    count?: number,
  ): void {
    this.#operations.sample(this.#series + series, durationNs, lateNs, nowNs, count);
  }

  fail(series: number, durationNs: number, status: number, message: string, lateNs?: number): void {
    this.#operations.fail(this.#series + series, durationNs, status, message, lateNs);
  }

  missed(series: number, waitedNs: number, lateNs?: number, count?: number): void {
    this.#operations.missed(this.#series + series, waitedNs, lateNs, count);
  }

  dropped(series: number, waitedNs: number, count?: number): void {
    this.#operations.dropped(this.#series + series, waitedNs, count);
  }

  dueNs(client: number): number {
    return this.#operations.dueNs(client);
  }

  count(series: number, name: string, amount: number): void {
    this.#operations.count(this.#series + series, name, amount);
  }

  lost(series: number, cause: LossCause, reason: string, watchers: number): void {
    this.#operations.lost(this.#series + series, cause, reason, watchers);
  }

  cancelledWatcher(series: number, reason: string): void {
    this.#operations.cancelledWatcher(this.#series + series, reason);
  }

  received(series: number, keys: number, bytes: number): void {
    this.#operations.received(this.#series + series, keys, bytes);
  }

  quantity(series: number, name: string, value: number): void {
    this.#operations.quantity(this.#series + series, name, value);
  }

  resend(slot: number, template: RequestTemplate): void {
    this.#operations.resend(slot, template);
  }

  settled(): void {
    this.#operations.settled();
  }

  enough(nowNs: number): void {
    this.#operations.enough(nowNs);
  }
}

const KINDS = new SeedStream("mix.kinds");

/** Kinds drawn by weight for each client of the worker. */
export function mixOf(kinds: readonly MixKind[], { share, seed, operations }: LoadContext): Mix {
  const makeRandom = () => KINDS.random(seed, share.workerIndex);
  return new Mix(kinds, makeRandom, share.clientConnections.length, operations);
}
