/**
 * Owns one measurement's parts and their order, on the main thread: open, warm, measure slice by
 * slice, drain, and gather what came of it.
 */

import { sharedNowNs, toThreadNs } from "../clock.ts";
import { MetricsSampler, type SampledServers } from "../etcd/metrics-sampler.ts";
import { TargetWatch } from "../etcd/target-watch.ts";
import { type EventSchedule, type EventsOutcome, NO_EVENTS } from "../events/schedule.ts";
import type { OperationSpec, PhaseDoneMessage, SnapshotMessage } from "../load/messages.ts";
import type { RecorderSnapshot } from "../load/recording/recorder.ts";
import type { RequestChunk } from "../load/recording/request-log.ts";
import { MachineWatch } from "../machine/machine-watch.ts";
import type { RunPlan } from "../plan/schema.ts";
import { splitLoad, type WorkerShare } from "../plan/shares.ts";
import type { Availability } from "../result/availability-schema.ts";
import { endedRequests } from "../result/partition.ts";
import type { HashKv, RunResult, TargetChange } from "../result/schema.ts";
import { assembleResult } from "./assemble-result.ts";
import { cleanUp } from "./clean-up.ts";
import { ClientWatch } from "./client-watch.ts";
import { DeadTarget, type PhasePurpose } from "./dead-target.ts";
import { scheduleOf } from "./events.ts";
import { checkMembers } from "./hash-check.ts";
import { IntervalRoom } from "./interval-room.ts";
import { targetCpuSeconds } from "./machine-doubts.ts";
import { markPauses } from "./pause-log.ts";
import { type PhaseOrder, PhaseRunner, START_DELAY_NS } from "./phase-runner.ts";
import type { Prepared } from "./prepare.ts";
import type { RunControls } from "./progress.ts";
import { ProgressTeller } from "./progress-teller.ts";
import { SeriesCollector } from "./series-collector.ts";
import { type Slice, sliceRun } from "./slices.ts";
import { streamShortage } from "./stream-room.ts";
import { WarmUp } from "./warm-up.ts";
import { WorkerPool } from "./worker-pool.ts";

/** A last send that is late by less is on time, however short the schedule was. */
const LATE_NS = 20e6;

export class Measurement {
  readonly #plan: RunPlan;
  readonly #prepared: Prepared;
  readonly #controls: RunControls;
  readonly #pool: WorkerPool;
  readonly #phases: PhaseRunner;
  readonly #shares: readonly WorkerShare[];
  readonly #sampler: MetricsSampler;
  readonly #targetWatch: TargetWatch;
  #events: EventSchedule | null = null;
  /** By operation and series. */
  readonly #collectors: SeriesCollector[][];
  readonly #room = new IntervalRoom();
  readonly #watch = new ClientWatch();
  readonly #machine = new MachineWatch();
  readonly #teller: ProgressTeller;
  readonly #notes: string[];
  readonly #slices: Slice[];
  readonly #warmUp: WarmUp;
  readonly #deadTarget: DeadTarget;
  #sampled: SampledServers = { server: [], leaderChanges: [], notes: [] };
  #scheduled: EventsOutcome = NO_EVENTS;
  #changes: TargetChange[] = [];
  /** What failed of what was to be done around the load. */
  readonly #faults: string[] = [];
  #hashKv: HashKv | null = null;
  /** Single requests of a load that records them. */
  readonly #requests: RequestChunk[] = [];
  #availability: Availability | null = null;
  #status: RunResult["status"] = "complete";
  #failures: string[] = [];
  /** The start of the first measured slice. */
  #originNs = 0;
  #measuredAt: Date | null = null;
  #measuredUntilNs = 0;
  /** Of the operation whose snapshots come in. */
  #current: readonly SeriesCollector[] = [];
  /** Spans of the schedule and of its sending, summed over slices. */
  #dueSpanNs = 0;
  #sentSpanNs = 0;

  constructor(plan: RunPlan, prepared: Prepared, token: string | null, controls: RunControls) {
    this.#plan = plan;
    this.#prepared = prepared;
    this.#controls = controls;
    this.#notes = [...prepared.notes];
    const { endpoints, members } = prepared.target;
    const shares = splitLoad(plan.load, endpoints);
    this.#shares = shares;
    const { operations } = prepared;
    const { load, pacing } = plan;
    this.#collectors = operations.map(({ series, setUpRequests, isOutsideClock }) => {
      const isPaced = pacing.ratePerSec !== null && setUpRequests === undefined;
      const isEven = isPaced && pacing.arrival === "constant";
      const periodNs = isEven ? 1e9 / pacing.ratePerSec! : 0;
      const room = isOutsideClock ? new IntervalRoom() : this.#room;
      const common = { isPaced, periodNs, workers: shares.length, room };
      return series.map((name, index) => {
        return new SeriesCollector({ name, isWhole: index === 0, ...common });
      });
    });
    this.#deadTarget = new DeadTarget(load.timeoutMs);
    this.#slices = sliceRun(plan, operations);
    const limited = operations.filter(({ setUpRequests }) => setUpRequests === undefined);
    this.#teller = new ProgressTeller(plan, limited.length, controls.onProgress);
    const tls = prepared.access?.tls ?? null;
    this.#sampler = new MetricsSampler({
      members,
      metricsEndpoints: plan.target.metricsEndpoints,
      tls,
    });
    this.#targetWatch = new TargetWatch({
      target: prepared.target,
      leaderOnly: plan.target.leaderOnly,
      access: prepared.access,
      leaderCause: () => this.#events?.leaderCause ?? null,
    });
    this.#pool = new WorkerPool(
      shares.map((share) => ({ share, operations, load, pacing, access: { tls, token } })),
      load.transport,
      (snapshot, recorded) => this.#onSnapshot(snapshot, recorded),
      (pause, worker) => this.#watch.addPause(pause, worker),
      (requests) => this.#requests.push(requests),
      prepared.access?.tokens,
    );
    this.#phases = new PhaseRunner({
      pool: this.#pool,
      workers: shares.length,
      timeoutMs: load.timeoutMs,
      stop: controls.stop,
      onDrain: () => this.#teller.enter("draining"),
    });
    this.#warmUp = new WarmUp({
      plan,
      operations,
      lead: (order, purpose) => this.#lead(order, purpose),
      countsOf: (operation) => this.#collectors[operation]![0]!,
      isOver: () => this.#isOver,
      notes: this.#notes,
    });
  }

  async open(): Promise<void> {
    this.#teller.enter("opening");
    const opened = await this.#pool.open();
    const { load } = this.#plan;
    const { endpoints } = this.#prepared.target;
    const shortage = streamShortage(opened, this.#shares, this.#operations, load, endpoints);
    if (shortage !== null) throw shortage;
  }

  async warm(): Promise<void> {
    if (this.#isOver) return;
    this.#teller.enter("warming");
    await this.#warmUp.warmPath();
    await this.#warmUp.setUp("before-warmup");
    if (!this.#warmUp.isBehindSetUp) await this.#warmUp.warmWorkload();
  }

  async measure(): Promise<void> {
    await this.#warmUp.setUp("behind-warmup");
    if (!this.#isOver) {
      await this.#sampler.start();
      this.#targetWatch.start();
    }
    this.#machine.begin();
    this.#events = scheduleOf(this.#plan, this.#prepared, (isBegin, atNs) => {
      this.#pool.markEvent(isBegin, atNs);
      this.#deadTarget.expectSilence(isBegin && this.#plan.maintenance.events.length > 0);
    });
    this.#teller.enter("measuring");
    try {
      let isWarm = !this.#warmUp.isBehindSetUp;
      for (const slice of this.#slices) {
        if (this.#isOver) break;
        if (!isWarm && this.#operations[slice.operation]!.setUpRequests === undefined) {
          isWarm = true;
          this.#teller.enter("warming");
          await this.#warmUp.warmWorkload();
          this.#teller.enter("measuring");
          if (this.#isOver) break;
        }
        await this.#measureSlice(slice);
      }
    } finally {
      this.#machine.end();
      const originNs = this.#originNs || sharedNowNs();
      // Both at once: a reading that waits for a frozen member must not let more work fall due.
      const originMs = toThreadNs(originNs) / 1e6;
      const [scheduled, sampled, changes] = await Promise.all([
        this.#events?.stop(this.#isStopped),
        this.#sampler.stop(originMs),
        this.#targetWatch.stop(originMs),
      ]);
      this.#changes = changes;
      this.#sampled = sampled;
      if (scheduled !== undefined) {
        this.#scheduled = scheduled;
        this.#faults.push(...scheduled.faults(this.#plan.judge.maxErrorRate));
      }
    }
    if (this.#isStopped && this.#status === "complete") this.#status = "interrupted";
  }

  async #measureSlice(slice: Slice): Promise<void> {
    const collectors = this.#collectors[slice.operation]!;
    const isSetUp = this.#operations[slice.operation]!.setUpRequests !== undefined;
    const startNs = sharedNowNs() + START_DELAY_NS;
    if (this.#originNs === 0) {
      this.#originNs = startNs;
      this.#measuredAt = new Date(Date.now() + START_DELAY_NS / 1e6);
      this.#events?.start(startNs);
    }
    this.#watch.begin();
    try {
      const order = { ...slice, isMeasured: true };
      const done = await this.#lead(order, isSetUp ? "set-up" : "load", startNs);
      for (const collector of collectors)
        collector.endSlice(startNs, done, this.#originNs, slice.durationMs);
      this.#watch.end(done);
      this.#addSpans(startNs, done);
    } catch (error) {
      // A worker broke: a defect of ours, but what was measured before it is still true.
      this.#status = "failed";
      this.#failures.push(`a worker thread failed: ${(error as Error).message}`);
      for (const collector of collectors) {
        collector.breakOffSlice(startNs, sharedNowNs(), this.#originNs);
      }
      this.#watch.end([]);
    }
    this.#measuredUntilNs = sharedNowNs();
  }

  /** Leads all workers through one phase; what they record goes to the operation's collectors. */
  #lead(
    order: PhaseOrder,
    purpose: PhasePurpose,
    startNs = sharedNowNs() + START_DELAY_NS,
  ): Promise<PhaseDoneMessage[]> {
    this.#current = order.operation === "path" ? [] : this.#collectors[order.operation]!;
    this.#deadTarget.watch(order, purpose, startNs);
    return this.#phases.run(order, startNs);
  }

  /** Of a load that records single requests: what they saw, and what etcd holds of them. */
  async assess(): Promise<void> {
    const { assess } = this.#prepared;
    if (assess === undefined || this.#originNs === 0) return;
    this.#availability = await assess({
      requests: this.#requests,
      originNs: this.#originNs,
      events: this.#scheduled.events,
      stop: this.#controls.stop,
    });
  }

  /** Ends the workers and takes back what the run wrote; resolves to notes, which the result has too. */
  async close(): Promise<readonly string[]> {
    await this.#pool.close();
    const notes = [...((await this.#prepared.cleanUp?.()) ?? []), ...(await this.#cleanUp())];
    this.#notes.push(...notes);
    return notes;
  }

  async #cleanUp(): Promise<string[]> {
    const { access, operations, target, ownKey = null, sinceRevision = null } = this.#prepared;
    if (sinceRevision === null) return [];
    const { notes, fault } = await cleanUp({
      plan: this.#plan,
      endpoints: target.endpoints,
      access: access ?? { tls: null, tokens: null },
      operations,
      shares: this.#shares,
      started: this.#phases.started,
      ownKey,
      sinceRevision,
      hasFailures: this.#collectors.some(([whole]) => whole!.failed > 0),
      hasRevisionGoneBack: this.#changes.some(
        ({ kind }) => kind === "revision" || kind === "cluster",
      ),
      stop: this.#controls.stop,
    });
    if (fault !== null) this.#faults.push(fault);
    return notes;
  }

  /** Last of all, so that what was cleaned up is compared too. */
  async checkHashKv(): Promise<void> {
    const { stop } = this.#controls;
    if (!this.#plan.judge.checkHashKv || this.#isStopped) return;
    const found = await checkMembers(this.#prepared, stop);
    if (!this.#isStopped || found.isEqual !== null) {
      this.#hashKv = found;
      return;
    }
    if (this.#status === "complete") this.#status = "interrupted";
    this.#notes.push("--check-hashkv was interrupted: whether the members agree is not known.");
  }

  result(startedAt: Date, dataFileSystem: string | null): RunResult {
    const { load } = this.#plan;
    const measured = this.#collectors.filter((_, at) => !this.#operations[at]!.isOutsideClock);
    const operations = measured.flat().map((collector) => collector.result(load.clients));
    const ended = endedRequests(operations, this.#plan.workload.kind);
    const client = this.#watch.result(load, this.#pool.size, ended, this.#originNs);
    for (const collector of this.#collectors.flat()) collector.destroy();
    this.#watch.destroy();
    const result = assembleResult(this.#plan, this.#prepared, {
      status: this.#status,
      failures: this.#failures,
      notes: this.#notes,
      startedAt,
      measuredAt: this.#measuredAt,
      originNs: this.#originNs,
      measuredUntilNs: this.#measuredUntilNs,
      operations,
      changes: this.#changes,
      faults: [
        ...this.#changes.filter(({ isFault }) => isFault).map(({ text }) => text),
        ...this.#faults,
      ],
      client,
      machine: this.#machine.result(targetCpuSeconds(this.#plan, this.#sampled.server)),
      sentShare: this.#sentSpanNs > 0 ? this.#dueSpanNs / this.#sentSpanNs : null,
      hashKv: this.#hashKv,
      availability: this.#availability,
      sampled: this.#sampled,
      scheduled: this.#scheduled,
      dataFileSystem,
    });
    this.#room.fit(
      result,
      measured.flat().map((collector) => () => collector.intervals()),
    );
    if (client.pauses !== null) markPauses(result.operations, client.pauses);
    return result;
  }

  get #wholes(): SeriesCollector[] {
    return this.#collectors.flatMap(([whole], at) =>
      this.#operations[at]!.isOutsideClock ? [] : [whole!],
    );
  }

  /** Without what is set up once. */
  get #limitedWholes(): SeriesCollector[] {
    return this.#collectors.flatMap(([whole], at) =>
      this.#operations[at]!.setUpRequests === undefined ? [whole!] : [],
    );
  }

  get #operations(): readonly OperationSpec[] {
    return this.#prepared.operations;
  }

  /** Nothing more is to be begun. */
  get #isOver(): boolean {
    return this.#isStopped || this.#status !== "complete";
  }

  get #isStopped(): boolean {
    return this.#controls.stop?.aborted ?? false;
  }

  #onSnapshot(snapshot: SnapshotMessage, recorded: readonly RecorderSnapshot[]): void {
    const reason = this.#deadTarget.reasonToGiveUp(snapshot);
    if (reason !== null) this.#giveUp(reason);
    const [whole, ...others] = recorded;
    if (whole === undefined) return;
    this.#watch.sampleMemory();
    if (whole.dispatchLag !== null) this.#watch.addDispatchLag(whole.dispatchLag);
    const interval = this.#current[0]!.add(snapshot, whole, this.#originNs);
    for (const [index, each] of others.entries()) {
      this.#current[index + 1]!.add(snapshot, each, this.#originNs);
    }
    if (interval === null || !this.#wholes.includes(this.#current[0]!)) return;
    const limited = this.#limitedWholes;
    const isLimited = limited.includes(this.#current[0]!);
    this.#teller.tell(this.#wholes, interval, isLimited ? limited : null);
  }

  #giveUp(reason: string): void {
    this.#status = "failed";
    this.#failures.push(reason);
    this.#pool.stop(0);
  }

  #addSpans(startNs: number, done: readonly PhaseDoneMessage[]): void {
    if (this.#plan.pacing.ratePerSec === null) return;
    for (const { lastDueNs, lastSendNs } of done) {
      const isLate = lastSendNs - lastDueNs > LATE_NS;
      this.#dueSpanNs += lastDueNs - startNs;
      this.#sentSpanNs += (isLate ? lastSendNs : lastDueNs) - startNs;
    }
  }
}
