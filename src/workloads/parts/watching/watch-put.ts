/** Sends the puts of watched keys, whose events are timed as effects of them. */

import { type RequestTemplate, Status, type Transport } from "#wire";
import type { Operations, Workload } from "../../../load/workload.ts";
import type { WorkerShare } from "../../../plan/shares.ts";
import { SeedStream } from "../../../random.ts";
import { KeyWriter } from "../keys/key-writer.ts";
import { PutTemplate } from "../keys/put-template.ts";
import type { Deliveries } from "./deliveries.ts";
import { WATCHED_NUMBERS } from "./series.ts";
import { writeWatchHeader } from "./watch-header.ts";
import type { WatchSpec } from "./watched-keys.ts";
import type { Watchers } from "./watchers.ts";

const SIZES = new SeedStream("watch-put.sizes");

export class WatchPut implements Workload {
  readonly #watchers: Watchers<Deliveries>;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #token: number;
  readonly #clients: number;
  readonly #writer: KeyWriter;
  readonly #put: PutTemplate;
  /** By client: the put in flight, and its key. */
  readonly #putOf: Float64Array;
  readonly #keyOf: Int32Array;
  #turn = 0;

  constructor(
    spec: WatchSpec,
    watchers: Watchers<Deliveries>,
    operations: Operations,
    transport: Transport,
    options: { seed: number; share: WorkerShare },
  ) {
    this.#watchers = watchers;
    this.#operations = operations;
    this.#transport = transport;
    this.#token = spec.token;
    this.#clients = options.share.clientConnections.length;
    this.#putOf = new Float64Array(this.#clients);
    this.#keyOf = new Int32Array(this.#clients);
    this.#put = new PutTemplate(transport, {
      key: Buffer.alloc(spec.keys.keySizeBytes, 0xff),
      values: spec,
      seed: options.seed,
      sizes: SIZES.random(options.seed, options.share.workerIndex),
    });
    this.#writer = new KeyWriter(spec.keys);
  }

  get unsettled(): number {
    return this.#watchers.account.unsettled;
  }

  begin(client: number, nowNs: number): void {
    const { entries, account } = this.#watchers;
    const key = entries[this.#turn % entries.length]!;
    this.#turn += 1;
    this.#keyOf[client] = key;
    this.#putOf[client] = account.put(key, nowNs, this.#operations.dueNs(client));
    this.#operations.call(client, client, this.#request(client), nowNs);
  }

  onCallSent(client: number, nowNs: number): void {
    this.#watchers.account.sent(this.#putOf[client]!, nowNs);
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    if (slot >= this.#clients) {
      this.#watchers.onStreamEnd(slot, status, message, nowNs);
      return;
    }
    if (status === Status.OK) this.#watchers.account.acked(this.#putOf[slot]!, nowNs);
    else this.#watchers.account.failed(this.#putOf[slot]!, nowNs);
    this.#operations.end(slot, status, message, nowNs);
  }

  onCallUnprocessed(slot: number, nowNs: number, isTokenRenewed: boolean): void {
    if (slot < this.#clients) this.#operations.resend(slot, this.#request(slot));
    else this.#watchers.onStreamUnprocessed(slot, nowNs, isTokenRenewed);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    this.#watchers.onMessage(slot, bytes, start, end, nowNs);
  }

  requestOf(client: number): RequestTemplate {
    return this.#request(client);
  }

  cancel(client: number, nowNs: number): void {
    this.#transport.cancel(client);
    this.#watchers.account.failed(this.#putOf[client]!, nowNs);
  }

  onDropped(waitedNs: number): void {
    const { entries, account } = this.#watchers;
    const events = account.watchersOf(entries[this.#turn % entries.length]!);
    this.#turn += 1;
    if (events > 0) this.#operations.dropped(WATCHED_NUMBERS.delivery, waitedNs, events);
  }

  giveUp(nowNs: number): void {
    this.#watchers.account.giveUp(nowNs);
  }

  restart(): void {
    this.#watchers.beginPhase(true);
    this.#turn = 0;
  }

  #request(client: number): RequestTemplate {
    const { template, keyOffset, valueOffset } = this.#put;
    const index = this.#watchers.keyIndices[this.#keyOf[client]!]!;
    const put = this.#putOf[client]!;
    this.#writer.write(index, template.bytes, keyOffset);
    writeWatchHeader(this.#token, put, template.bytes, valueOffset);
    this.#put.takeSize(put);
    return template;
  }
}
