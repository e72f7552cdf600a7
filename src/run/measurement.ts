/**
 * Leads one measurement through its steps, on the main thread: open, warm, measure slice by slice,
 * drain, and gather the result.
 */
import { sharedNowNs } from "../clock.ts";
import type { TakenProfile } from "../etcd/profile-watch.ts";
import type { OperationSpec, PhaseDoneMessage, SnapshotMessage } from "../load/messages.ts";
import type { RecorderSnapshot } from "../load/recording/recorder.ts";
import type { RunPlan } from "../plan/schema.ts";
import { splitLoad, type WorkerShare } from "../plan/shares.ts";
import type { RunResult } from "../result/schema.ts";
import { workloadNamed } from "../workloads/catalogue.ts";
import { loadsOf } from "../workloads/loads.ts";
import { endedRequests } from "../workloads/series-roles.ts";
import { AfterLoad } from "./after-load.ts";
import { withMachines } from "./agents-machines.ts";
import { assembleResult, type Gathered } from "./assemble-result.ts";
import { ClientWatch } from "./client-watch.ts";
import type { LoadPool, PoolOptions } from "./load-pool.ts";
import { Observers } from "./observer.ts";
import { OperationSeries } from "./operation-series.ts";
import { markPauses } from "./pause-log.ts";
import { type PhaseOrder, PhaseRunner } from "./phase-runner.ts";
import type { Prepared } from "./prepare.ts";
import type { RunControls } from "./progress.ts";
import { ProgressTeller } from "./progress-teller.ts";
import { RunTimes } from "./run-times.ts";
import { SendSpans } from "./send-spans.ts";
import { type Slice, sliceRun } from "./slices.ts";
import { streamShortage } from "./stream-room.ts";
import { TargetMonitor } from "./target-monitor.ts";
import { type PhasePurpose, TargetWatchdog } from "./target-watchdog.ts";
import { UsedConnections } from "./used-connections.ts";
import { WarmUp } from "./warm-up.ts";
import { WorkerPool } from "./worker-pool.ts";

export class Measurement {
  readonly #plan: RunPlan;
  readonly #prepared: Prepared;
  readonly #controls: RunControls;
  readonly #observers: Observers;
  readonly #times = new RunTimes();
  readonly #pool: LoadPool;
  readonly #phases: PhaseRunner;
  readonly #shares: readonly WorkerShare[];
  readonly #series: OperationSeries;
  readonly #spans: SendSpans;
  readonly #connections: UsedConnections;
  readonly #monitor: TargetMonitor;
  readonly #watch: ClientWatch;
  readonly #teller: ProgressTeller;
  readonly #notes: string[];
  readonly #warmUp: WarmUp;
  readonly #watchdog: TargetWatchdog;
  readonly #afterLoad: AfterLoad;
  #status: RunResult["status"] = "complete";
  #failures: string[] = [];
  /** Of the measured slice under way; null between two, and after the last. */
  #sliceStartNs: number | null = null;

  constructor(plan: RunPlan, prepared: Prepared, token: string | null, controls: RunControls) {
    this.#plan = plan;
    this.#spans = new SendSpans(plan.pacing.ratePerSec);
    this.#prepared = prepared;
    this.#controls = controls;
    const observers = new Observers(controls.observers);
    this.#observers = observers;
    this.#notes = [...prepared.notes];
    this.#afterLoad = new AfterLoad(plan, prepared, controls.stop);
    const shares = splitLoad(plan.load, prepared.target.endpoints);
    this.#shares = shares;
    this.#connections = new UsedConnections(shares);
    const { operations } = prepared;
    const { load, pacing } = plan;
    this.#series = new OperationSeries(plan, operations, shares.length, observers, controls);
    const { keepSlowest } = plan.judge;
    this.#watchdog = new TargetWatchdog(load.timeoutMs);
    const limited = this.#series.limitedWholes.length;
    this.#teller = new ProgressTeller(plan, limited, controls.onProgress);
    this.#monitor = new TargetMonitor(plan, prepared, observers, controls.seen);
    const tls = prepared.access?.tls ?? null;
    const pool: PoolOptions = {
      setups: shares.map((share) => ({
        share,
        operations,
        load,
        pacing,
        keepSlowest,
        access: { tls, token },
      })),
      transport: load.transport,
      listener: {
        onSnapshot: (snapshot, recorded) => this.#onSnapshot(snapshot, recorded),
        onPause: (pause, worker) => {
          this.#watch.addPause(pause, worker);
          observers.onPause(pause);
        },
        onRequests: (requests) => this.#afterLoad.addRequests(requests),
        onLost: (reason) => this.#breakOff("interrupted", reason),
      },
      tokens: prepared.access?.tokens ?? null,
    };
    const { maySendMemory } = workloadNamed(plan.workload.kind);
    this.#pool = controls.workforce?.open(pool, maySendMemory) ?? new WorkerPool(pool);
    this.#watch = new ClientWatch(this.#pool);
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
      isOver: () => this.#isOver,
      notes: this.#notes,
    });
  }

  async open(): Promise<void> {
    this.#teller.enter("opening");
    const opened = await this.#pool.open();
    const [{ load }, { endpoints }] = [this.#plan, this.#prepared.target];
    const loads = await loadsOf(this.#operations);
    const shortage = streamShortage(loads, opened, this.#shares, this.#operations, load, endpoints);
    if (shortage !== null) throw shortage;
  }

  async warm(): Promise<void> {
    if (this.#isOver) return;
    this.#teller.enter("warming");
    await this.#warmUp.warmPath();
    await this.#warmUp.setUp("before-warmup");
    if (!this.#warmUp.isAfterSetUp) await this.#warmUp.warmWorkload();
  }

  async measure(): Promise<void> {
    await this.#warmUp.setUp("after-warmup");
    if (!this.#isOver) await this.#monitor.watchCluster();
    this.#monitor.begin((isBegin, atNs) => {
      this.#pool.markEvent(isBegin, atNs);
      this.#watchdog.expectSilence(isBegin && this.#plan.maintenance.events.length > 0);
    });
    this.#teller.enter("measuring");
    try {
      let isWarm = !this.#warmUp.isAfterSetUp;
      for (const slice of sliceRun(this.#plan, this.#operations)) {
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
      const { makesRevision } = workloadNamed(this.#plan.workload.kind);
      const madeRevisions = this.#series.succeededIn(makesRevision);
      const originNs = this.#times.originNs || sharedNowNs();
      await this.#monitor.end(originNs, this.#isStopped, madeRevisions);
    }
    if (this.#isStopped && this.#status === "complete") this.#status = "interrupted";
  }

  async #measureSlice(slice: Slice): Promise<void> {
    const { setUpRequests, series } = this.#operations[slice.operation]!;
    const isSetUp = setUpRequests !== undefined;
    const startNs = sharedNowNs() + this.#pool.startDelayNs;
    this.#sliceStartNs = startNs;
    if (this.#times.originNs === 0) {
      const times = this.#times.beginsAt(startNs);
      this.#observers.onStart({
        ...times,
        plan: this.#plan,
        target: this.#prepared.target,
        soFar: () => this.#soFar(),
      });
      this.#monitor.startEvents(startNs);
    }
    this.#watch.begin(startNs);
    try {
      const purpose = isSetUp ? "set-up" : "load";
      const done = await this.#lead({ ...slice, isMeasured: true }, purpose, startNs);
      this.#series.endSlice(slice, startNs, done, this.#times.originNs);
      this.#watch.end(done, series, slice.durationMs);
      this.#connections.addSlice(done);
      if (this.#plan.pacing.ratePerSec !== null) this.#spans.add(startNs, done);
    } catch (error) {
      // A worker broke: a defect of ours, but what was measured before it is still true.
      this.#status = "failed";
      this.#failures.push(`a worker thread failed: ${(error as Error).message}`);
      this.#series.breakOffSlice(slice, startNs, sharedNowNs(), this.#times.originNs);
      this.#watch.end([], series);
      this.#connections.addSlice(null);
    }
    this.#sliceStartNs = null;
    this.#times.sliceEnded();
  }

  /** Leads all workers through one phase; what they record goes to the operation's series. */
  #lead(
    order: PhaseOrder,
    purpose: PhasePurpose,
    startNs = sharedNowNs() + this.#pool.startDelayNs,
  ): Promise<PhaseDoneMessage[]> {
    this.#series.turnTo(order.operation);
    this.#watchdog.watch(order, purpose, startNs);
    return this.#phases.run(order, startNs);
  }

  async assess(): Promise<void> {
    const { originNs } = this.#times;
    if (originNs > 0) await this.#afterLoad.assess(originNs, this.#monitor.scheduled.events);
  }

  /** Ends the workers and takes back what the run wrote; resolves to notes, which the result has too. */
  async close(): Promise<readonly string[]> {
    await this.#pool.close();
    const { started, unmeasured } = this.#phases;
    const notes = await this.#afterLoad.takeBack(this.#shares, {
      started,
      endedOf: (operation) => [this.#series.whole(operation), ...(unmeasured.get(operation) ?? [])],
      hasFailures: this.#series.hasFailures || this.#phases.hasUnmeasuredFailures,
      hasRevisionGoneBack: this.#monitor.hasRevisionGoneBack,
    });
    this.#notes.push(...notes);
    return notes;
  }

  /** Whether the run may have put a key, as is known after `close`; null: not known. */
  get hasPutKeys(): boolean | null {
    return this.#afterLoad.hasPutKeys;
  }

  async checkHashKv(): Promise<void> {
    if (await this.#afterLoad.checkHashKv()) return;
    if (this.#status === "complete") this.#status = "interrupted";
    this.#notes.push("--check-hashkv was interrupted: whether the members agree is not known.");
  }

  result(dataFileSystem: string | null): RunResult {
    const { durationSeconds } = this.#times;
    const operations = this.#series.results(this.#plan.load.clients);
    const byEndpoint = this.#series.byEndpoint(this.#plan.load.clients, null);
    const figures = { operations, byEndpoint, durationSeconds };
    const result = this.#assembled(figures, this.#monitor, dataFileSystem);
    this.#series.destroy();
    this.#watch.destroy();
    this.#series.fit(result);
    const { pauses } = result.client;
    if (pauses !== null) markPauses(result.operations, pauses);
    return result;
  }

  /** What the result would be by now, while the measured phase goes on. */
  #soFar(): RunResult {
    const operations = this.#series.soFar(this.#plan.load.clients, this.#sliceStartNs);
    const durationSeconds = (sharedNowNs() - this.#times.originNs) / 1e9;
    const byEndpoint = this.#series.byEndpoint(this.#plan.load.clients, this.#sliceStartNs);
    const figures = { operations, byEndpoint, durationSeconds };
    return this.#assembled(figures, this.#monitor.soFar(), null);
  }

  #assembled(
    figures: Pick<Gathered, "operations" | "byEndpoint" | "durationSeconds">,
    monitored: Pick<TargetMonitor, "sampled" | "scheduled">,
    dataFileSystem: string | null,
  ): RunResult {
    const { load, workload } = this.#plan;
    const ended = endedRequests(figures.operations, workload.kind);
    const agents = this.#pool.agents?.();
    return assembleResult(this.#plan, this.#prepared, {
      times: this.#times,
      ...figures,
      status: this.#status,
      failures: this.#failures,
      notes: this.#notes,
      connections: this.#connections.byMember(this.#prepared.target),
      changes: this.#monitor.changes,
      membersAtEnd: this.#monitor.membersAtEnd,
      hasPutKeys: this.hasPutKeys,
      faults: [...this.#monitor.faults, ...this.#afterLoad.faults],
      client: {
        ...this.#watch.result(load, this.#pool.size, ended, this.#times.originNs),
        ...(agents && { agents: withMachines(agents, this.#monitor.coordinator) }),
      },
      machine: agents === undefined ? this.#monitor.machine() : null,
      sentShare: this.#spans.sentShare,
      hashKv: this.#afterLoad.hashKv,
      availability: this.#afterLoad.availability,
      sampled: monitored.sampled,
      scheduled: monitored.scheduled,
      profiles: this.#monitor.profiles,
      dataFileSystem,
    });
  }

  /** Those that the result names, in its order. */
  get profiles(): readonly TakenProfile[] {
    return this.#monitor.profiles;
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

  #breakOff(status: "failed" | "interrupted", reason: string): void {
    if (this.#status !== "failed") this.#status = status;
    this.#failures.push(reason);
    this.#pool.stop(0);
  }

  #onSnapshot(snapshot: SnapshotMessage, recorded: readonly RecorderSnapshot[]): void {
    const reason = this.#watchdog.reasonToGiveUp(snapshot);
    if (reason !== null) this.#breakOff("failed", reason);
    const [first] = recorded;
    if (first === undefined) return;
    this.#watch.sampleMemory();
    if (first.dispatchLag !== null) this.#watch.addDispatchLag(first.dispatchLag);
    const closed = this.#series.add(snapshot, recorded, this.#times.originNs);
    if (closed === null) return;
    const { wholes, limitedWholes } = this.#series;
    this.#monitor.addInterval(closed.interval);
    if (!wholes.includes(closed.whole)) return;
    const isLimited = limitedWholes.includes(closed.whole);
    this.#teller.tell(wholes, closed.interval, isLimited ? limitedWholes : null);
  }
}
