/**
 * Decides which request an API server sends next by its scenario, and gives each client's operation to
 * the part that carries it out.
 */

import { type RequestTemplate, Status, type Transport } from "#wire";
import type { Operations, Workload } from "../../load/workload.ts";
import { type Random, SeedStream } from "../../random.ts";
import { WATCHED_NUMBERS } from "../parts/watching/series.ts";
import type { ApiServer, Resource } from "./api-server.ts";
import { Compaction } from "./compaction.ts";
import { ConflictShare } from "./conflict-share.ts";
import { EventWriter } from "./event-writer.ts";
import { Jobs } from "./jobs.ts";
import { KindSchedule } from "./kind-schedule.ts";
import type { KubernetesKind } from "./kinds.ts";
import { Action, ObjectWriter } from "./object-writer.ts";
import type { Part, PartHost } from "./part.ts";
import { Read, RegistryReader } from "./registry-reader.ts";
import { CONTENDED_KINDS, kubernetesSeries } from "./request-mix.ts";
import type { KubernetesSpec } from "./spec.ts";

const { delivery: DELIVERY } = WATCHED_NUMBERS;

const CHOICES = new SeedStream("kubernetes.choices");

const JOB_KINDS: Record<Action, KubernetesKind> = {
  [Action.CREATE]: "pod-create",
  [Action.UPDATE]: "pod-update",
  [Action.DELETE]: "pod-delete",
};

const READS: Partial<Record<KubernetesKind, Read>> = {
  "pod-list": Read.LIST,
  "pod-list-stale": Read.LIST_STALE,
  "pod-get": Read.GET,
  "pod-get-at-revision": Read.GET_AT_REVISION,
  "pod-get-stale": Read.GET_STALE,
  count: Read.COUNT,
  health: Read.HEALTH,
};

export class Kubernetes implements Workload, PartHost {
  readonly #server: ApiServer;
  readonly #operations: Operations;
  readonly #transport: Transport;
  readonly #kinds: readonly KubernetesKind[];
  readonly #kindSeries: readonly number[];
  readonly #schedule: KindSchedule;
  /** By kind of the mix; null: it has one writer. */
  readonly #conflicts: readonly (ConflictShare | null)[];
  readonly #writer: ObjectWriter;
  readonly #events: EventWriter;
  readonly #reader: RegistryReader;
  readonly #compaction: Compaction;
  readonly #isStorm: boolean;
  /** By client: whether it does nothing but list all pods. */
  readonly #isLister: Uint8Array;
  readonly #jobSeries: number;
  readonly #relistSeries: number;
  readonly #compactSeries: number;
  #random!: Random;
  /** By client: the series and the part of its operation. */
  readonly #series: Uint8Array;
  readonly #parts: Part[];
  readonly #jobs: Jobs;

  constructor(
    { workers }: KubernetesSpec,
    server: ApiServer,
    clientNumbers: readonly number[],
    operations: Operations,
    transport: Transport,
  ) {
    const { plan } = server;
    this.#server = server;
    this.#operations = operations;
    this.#transport = transport;
    const series = kubernetesSeries(plan);
    this.#kinds = plan.mix.map(({ operation }) => operation);
    this.#kindSeries = this.#kinds.map((kind) => series.indexOf(kind));
    this.#schedule = new KindSchedule(plan.mix.map(({ weight }) => weight));
    const start = (server.place.workerIndex + 0.5) / workers;
    this.#conflicts = this.#kinds.map((kind) =>
      CONTENDED_KINDS.includes(kind) ? new ConflictShare(plan.conflictRate, start) : null,
    );
    this.#writer = new ObjectWriter(server, this);
    this.#events = new EventWriter(server, workers, this, operations, transport);
    this.#reader = new RegistryReader(server, this, transport);
    this.#compaction = new Compaction(server, this, transport);
    this.#isStorm = plan.scenario === "job-storm";
    this.#isLister = Uint8Array.from(clientNumbers, (number) =>
      number < plan.relistClients ? 1 : 0,
    );
    this.#jobSeries = series.indexOf("job");
    this.#relistSeries = series.indexOf("pod-relist");
    this.#compactSeries = series.indexOf("compact");
    const { clients } = server.place;
    this.#series = new Uint8Array(clients);
    this.#parts = Array.from({ length: clients }, () => this.#writer);
    this.#jobs = new Jobs(clients);
    this.restart(false);
  }

  get unsettled(): number {
    return this.#server.deliveries.unsettled + this.#server.leases.unsettled;
  }

  begin(client: number, nowNs: number): void {
    if (this.#compaction.isDue(nowNs)) {
      this.#enter(client, this.#compactSeries, this.#compaction);
      this.#compaction.start(client, nowNs);
    } else if (this.#isLister[client] === 1) {
      this.#enter(client, this.#relistSeries, this.#reader);
      this.#reader.start(client, Read.RELIST, 0, nowNs);
    } else if (this.#isStorm) {
      this.#beginJobStep(client, nowNs);
    } else {
      this.#beginKind(client, this.#schedule.next(), nowNs);
    }
  }

  onCallSent(client: number, nowNs: number): void {
    const part = this.#parts[client]!;
    part.onCallSent?.(client, nowNs);
    if (this.#isStorm && part === this.#writer) this.#jobs.sent(client, nowNs);
  }

  onMessage(slot: number, bytes: Uint8Array, start: number, end: number, nowNs: number): void {
    if (slot < this.#parts.length) {
      this.#parts[slot]!.onMessage(slot, bytes, start, end, nowNs);
    } else {
      this.#server.watches.onMessage(slot, bytes, start, end, nowNs);
    }
  }

  onCallEnd(slot: number, status: number, message: string, nowNs: number): void {
    if (slot >= this.#parts.length) {
      this.#server.watches.onStreamEnd(slot, status, message, nowNs);
    } else if (status === Status.OK) {
      this.#parts[slot]!.onAnswered(slot, nowNs);
    } else {
      const isCompaction = this.#parts[slot] === this.#compaction;
      if (isCompaction && this.#compaction.isDoneBy(slot, message, nowNs)) return;
      this.#parts[slot]!.onFailed(slot, nowNs);
      this.fail(slot, status, message, nowNs);
    }
  }

  onCallUnprocessed(slot: number, nowNs: number, isTokenRenewed: boolean): void {
    if (slot < this.#parts.length) {
      this.#operations.resend(slot, this.#parts[slot]!.request(slot));
    } else {
      this.#server.watches.onStreamUnprocessed(slot, nowNs, isTokenRenewed);
    }
  }

  requestOf(client: number): RequestTemplate {
    const part = this.#parts[client]!;
    return part === this.#events ? this.#events.requestAgain(client) : part.request(client);
  }

  cancel(client: number, nowNs: number): void {
    const part = this.#parts[client]!;
    const hasCall = part !== this.#events || !this.#events.isWaiting(client);
    if (hasCall) this.#transport.cancel(client);
    part.onFailed(client, nowNs);
  }

  seriesOf(client: number): number {
    return this.#series[client]!;
  }

  onDropped(waitedNs: number): void {
    if (this.#isStorm || this.#isLister.includes(1)) {
      // Of which kind it would have been is not known, so it counts for each, with no wait at all.
      for (const series of this.#kindSeries) this.#operations.dropped(series, 0);
      return;
    }
    const next = this.#schedule.next();
    const kind = this.#kinds[next]!;
    this.#operations.dropped(this.#kindSeries[next]!, waitedNs);
    if (READS[kind] !== undefined) return;
    const written =
      kind === "event-create" ? this.#server.resource("events") : this.#resourceOf(kind);
    const events = this.#server.deliveries.watchersOf(written.place);
    if (events > 0) this.#operations.dropped(DELIVERY, waitedNs, events);
  }

  giveUp(nowNs: number): void {
    this.#server.deliveries.giveUp(nowNs);
    this.#server.leases.giveUp(nowNs);
  }

  restart(isMeasured: boolean): void {
    const { seed, workerIndex } = this.#server.place;
    this.#random = CHOICES.random(seed, workerIndex);
    this.#schedule.restart();
    for (const share of this.#conflicts) share?.restart();
    this.#compaction.restart();
    this.#server.leases.close();
    this.#server.watches.beginPhase(isMeasured);
    this.#jobs.restart();
  }

  call(client: number, template: RequestTemplate, nowNs: number): void {
    this.#operations.call(client, client, template, nowNs);
  }

  done(client: number, nowNs: number): void {
    const series = this.#series[client]!;
    if (this.#parts[client] === this.#writer) this.#wrote(client, series, nowNs);
    this.#operations.end(client, Status.OK, "", nowNs, series);
  }

  fail(client: number, status: number, message: string, nowNs: number): void {
    this.#operations.end(client, status, message, nowNs, this.#series[client]!);
  }

  count(client: number, name: string, amount: number): void {
    this.#operations.count(this.#series[client]!, name, amount);
  }

  dueNs(client: number): number {
    return this.#operations.dueNs(client);
  }

  #enter(client: number, series: number, part: Part): void {
    this.#series[client] = series;
    this.#parts[client] = part;
  }

  #beginKind(client: number, place: number, nowNs: number): void {
    const kind = this.#kinds[place]!;
    const series = this.#kindSeries[place]!;
    const read = READS[kind];
    if (read !== undefined) {
      this.#enter(client, series, this.#reader);
      this.#reader.start(client, read, this.#random(), nowNs);
    } else if (kind === "event-create") {
      this.#enter(client, series, this.#events);
      this.#events.start(client, nowNs);
    } else {
      this.#enter(client, series, this.#writer);
      this.#write(client, kind, this.#conflicts[place]!, nowNs);
    }
  }

  #write(
    client: number,
    kind: KubernetesKind,
    conflicts: ConflictShare | null,
    nowNs: number,
  ): void {
    const resource = this.#resourceOf(kind);
    const { objects } = resource;
    if (kind === "pod-create") {
      this.#writer.start(client, Action.CREATE, resource, objects.reserve(), false, nowNs);
      return;
    }
    const action = kind === "pod-delete" ? Action.DELETE : Action.UPDATE;
    const isOwed = conflicts?.next() ?? false;
    const contended = isOwed ? objects.lastUpdated : -1;
    if (contended >= 0 && !objects.isBusy(contended)) {
      conflicts!.made();
      this.#writer.start(client, action, resource, contended, true, nowNs);
      return;
    }
    // Nodes report in turn; what else is written is anyone.
    const isInTurn = kind === "lease-update" || kind === "node-update";
    const slot = isInTurn ? objects.pickNext() : objects.pick(this.#random());
    this.#writer.start(client, action, resource, slot, false, nowNs);
  }

  #beginJobStep(client: number, nowNs: number): void {
    const taken = this.#jobs.take(client, nowNs, this.#operations.dueNs(client));
    const action = this.#jobs.actionOf(client);
    const kind = JOB_KINDS[action];
    const place = this.#kinds.indexOf(kind);
    this.#enter(client, this.#kindSeries[place]!, this.#writer);
    const pods = this.#resourceOf(kind);
    const { objects } = pods;
    const slot = taken < 0 ? objects.reserve() : taken;
    // Before its first update none can have been missed.
    const isOwed = this.#conflicts[place]?.next() ?? false;
    const isOutdated = isOwed && objects.revisionBefore(slot) > 0;
    if (isOutdated) this.#conflicts[place]!.made();
    this.#writer.start(client, action, pods, slot, isOutdated, nowNs);
  }

  /** The client's write took effect. */
  #wrote(client: number, series: number, nowNs: number): void {
    const slot = this.#writer.slotOf(client);
    if (this.#isStorm) {
      const startedNs = this.#jobs.done(client, slot);
      const lateNs = startedNs - this.#jobs.dueNs(client);
      if (startedNs >= 0) this.#operations.sample(this.#jobSeries, nowNs - startedNs, lateNs);
    } else if (series === this.#seriesOfKind("pod-create")) {
      this.#resourceOf("pod-create").objects.add(slot);
    }
  }

  #seriesOfKind(kind: KubernetesKind): number {
    return this.#kindSeries[this.#kinds.indexOf(kind)] ?? -1;
  }

  #resourceOf(kind: KubernetesKind): Resource {
    switch (kind) {
      case "lease-update":
        return this.#server.resource("leases");
      case "node-update":
        return this.#server.resource("nodes");
      case "endpoints-update":
        return this.#server.resource("endpoints");
      default:
        return this.#server.resource("pods");
    }
  }
}
