/**
 * Owns one measurement, on the main thread: look at the target, open, warm, measure slice by slice,
 * drain, and hand over a RunResult. Whatever breaks after the first measured request, what was
 * measured until then is in the result.
 */
import { type Access, OPEN_ACCESS } from "../access/access.ts";
import { sharedNowNs, toThreadNs } from "../load/clock.ts";
import type { OperationSpec, PhaseDoneMessage, SnapshotMessage } from "../load/messages.ts";
import type { RunPlan } from "../plan/schema.ts";
import { splitLoad, type WorkerShare } from "../plan/shares.ts";
import type { HashKv, RunResult } from "../result/schema.ts";
import { initHistograms } from "../stats/histogram.ts";
import { MetricsSampler, type SampledServers } from "../target/metrics-sampler.ts";
import { openAccess } from "../target/token-source.ts";
import { assembleResult } from "./assemble-result.ts";
import { cleanUp } from "./clean-up.ts";
import { ClientWatch } from "./client-watch.ts";
import { checkMembers } from "./hash-check.ts";
import { IntervalRoom } from "./interval-room.ts";
import { type MaintenanceOutcome, type MaintenanceSchedule, scheduleOf } from "./maintenance.ts";
import { PhaseRunner, START_DELAY_NS } from "./phase-runner.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { RunControls } from "./progress.ts";
import { ProgressTeller } from "./progress-teller.ts";
import { SeriesCollector } from "./series-collector.ts";
import { type Slice, sliceRun } from "./slices.ts";
import { checkThresholdSeries } from "./threshold-series.ts";
import { WorkerPool } from "./worker-pool.ts";

/** The path's warm-up: enough calls to open every path and compile the code, bounded in time. */
const PATH_WARMUP_MS = 2_000;
const PATH_WARMUP_PER_CLIENT = 20;
const PATH_WARMUP_LEAST = 1_000;
const PATH_WARMUP_MOST = 20_000;
/** A run without a duration gives up when no connection has been up for this long. */
const GIVE_UP_NS = 10e9;
/** A last send that is late by less is on time, however short the schedule was. */
const LATE_NS = 20e6;

export interface RunOptions extends RunControls {
  /** What is known of the target beside the plan; no access: open to all, without TLS. */
  target?: { dataFileSystem: string | null; access?: Access };
}

/**
 * @throws BenchError where the target cannot be measured at all; from the first measured request
 *   on every failure is in the result instead.
 */
export async function run(plan: RunPlan, options: RunOptions = {}): Promise<RunResult> {
  const access = openAccess(plan.target.endpoints, options.target?.access ?? OPEN_ACCESS);
  try {
    const prepared = await prepare(plan, access);
    try {
      checkThresholdSeries(plan, prepared.operations);
    } catch (error) {
      await prepared.cleanUp?.();
      throw error;
    }
    return await measure(plan, prepared, options);
  } finally {
    access.tokens?.close();
  }
}

/** The measurement alone, of a target that is known already: etcd, or calibrate's null server. */
export async function measure(
  plan: RunPlan,
  prepared: Prepared,
  options: RunOptions = {},
): Promise<RunResult> {
  const startedAt = new Date();
  await initHistograms();
  const token = (await prepared.access?.tokens?.token()) ?? null;
  const measurement = new Measurement(plan, prepared, token, options);
  try {
    await measurement.open();
    await measurement.warm();
    await measurement.measure();
  } finally {
    await measurement.close();
  }
  await measurement.checkHashKv();
  return measurement.result(startedAt, options.target?.dataFileSystem ?? null);
}

class Measurement {
  readonly #plan: RunPlan;
  readonly #prepared: Prepared;
  readonly #options: RunOptions;
  readonly #pool: WorkerPool;
  readonly #phases: PhaseRunner;
  readonly #shares: readonly WorkerShare[];
  readonly #sampler: MetricsSampler;
  /** By operation and series. */
  readonly #collectors: SeriesCollector[][];
  readonly #room = new IntervalRoom();
  readonly #watch = new ClientWatch();
  readonly #teller: ProgressTeller;
  readonly #notes: string[];
  readonly #slices: Slice[];
  readonly #maintenance: MaintenanceSchedule | null;
  #sampled: SampledServers = { server: [], leaderChanges: [], notes: [] };
  #maintained: MaintenanceOutcome = { moments: [], notes: [] };
  #hashKv: HashKv | null = null;
  #status: RunResult["status"] = "complete";
  #failures: string[] = [];
  /** The start of the first measured slice. */
  #originNs = 0;
  #measuredAt: Date | null = null;
  #measuredUntilNs = 0;
  /** The operation whose snapshots come in. */
  #current: SeriesCollector[] = [];
  /** When a connection was last seen ready. */
  #lastReadyNs = 0;
  /** Spans of the schedule and of its sending, summed over slices. */
  #dueSpanNs = 0;
  #sentSpanNs = 0;

  constructor(plan: RunPlan, prepared: Prepared, token: string | null, options: RunOptions) {
    this.#plan = plan;
    this.#prepared = prepared;
    this.#options = options;
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
    this.#slices = sliceRun(plan, operations);
    this.#teller = new ProgressTeller(plan, operations.length, options.onProgress);
    const tls = prepared.access?.tls ?? null;
    this.#sampler = new MetricsSampler({
      members,
      metricsEndpoints: plan.target.metricsEndpoints,
      tls,
    });
    this.#pool = new WorkerPool(
      shares.map((share) => ({ share, operations, load, pacing, access: { tls, token } })),
      load.transport,
      (snapshot) => this.#onSnapshot(snapshot),
      prepared.access?.tokens,
    );
    this.#phases = new PhaseRunner({
      pool: this.#pool,
      workers: shares.length,
      timeoutMs: load.timeoutMs,
      stop: options.stop,
      onDrain: () => this.#teller.enter("draining"),
    });
    this.#maintenance = scheduleOf(plan, prepared, (isBegin, atNs) =>
      this.#pool.markMoment(isBegin, atNs),
    );
  }

  async open(): Promise<void> {
    this.#teller.enter("opening");
    await this.#pool.open();
  }

  async warm(): Promise<void> {
    if (this.#isStopped) return;
    this.#teller.enter("warming");
    const { clients } = this.#plan.load;
    const requests = Math.min(
      PATH_WARMUP_MOST,
      Math.max(PATH_WARMUP_LEAST, clients * PATH_WARMUP_PER_CLIENT),
    );
    const done = await this.#phases.run({
      operation: "path",
      requests,
      durationMs: PATH_WARMUP_MS,
      ratePerSec: null,
      isMeasured: false,
    });
    this.#notes.push(
      `Before the clock started, ${sum(done, "started")} serializable reads of an absent key ` +
        "warmed the connections; they are in no figure.",
    );
    await this.#setUpOutsideClock("before-warmup");
    if (!this.#warmsBehindSetUp) await this.#warmWorkload();
  }

  /** Real load that is thrown away. */
  async #warmWorkload(): Promise<void> {
    const { warmupRequests, warmupMs } = this.#plan.limits;
    if (warmupRequests === null && warmupMs === null) return;
    let discarded = 0;
    for (const [operation, { setUpRequests }] of this.#prepared.operations.entries()) {
      if (this.#isStopped) return;
      if (setUpRequests !== undefined) continue;
      const warmed = await this.#phases.run({
        operation,
        requests: warmupRequests,
        durationMs: warmupMs,
        ratePerSec: this.#plan.pacing.ratePerSec,
        isMeasured: false,
      });
      discarded += sum(warmed, "started");
    }
    const where = this.#warmsBehindSetUp
      ? " behind the set-up; etcd's own figures are over them too, since it was measured before"
      : "";
    this.#notes.push(`${discarded} requests of --warmup were sent and discarded${where}.`);
  }

  /** What is set up within the clock is there for the warm-up, as it is for what is measured. */
  get #warmsBehindSetUp(): boolean {
    return this.#operations.some(
      ({ setUpRequests, isOutsideClock }) => setUpRequests !== undefined && !isOutsideClock,
    );
  }

  /** What is sent once before the clock starts; its counts stand in a note alone. */
  async #setUpOutsideClock(when: "before-warmup" | "behind-warmup"): Promise<void> {
    for (const [operation, spec] of this.#operations.entries()) {
      const { isOutsideClock, isBeforeWarmup = false, setUpRequests } = spec;
      if (isBeforeWarmup !== (when === "before-warmup")) continue;
      if (!isOutsideClock || this.#isStopped || this.#status !== "complete") continue;
      const collectors = this.#collectors[operation]!;
      this.#current = collectors;
      const startNs = sharedNowNs() + START_DELAY_NS;
      this.#lastReadyNs = startNs;
      await this.#phases.run(
        {
          operation,
          requests: setUpRequests!,
          durationMs: null,
          ratePerSec: null,
          isMeasured: true,
        },
        startNs,
      );
      const { succeeded, failed } = collectors[0]!;
      this.#notes.push(
        `Before the clock started, ${succeeded} puts made the keys of the run ready` +
          `${failed > 0 ? `, and ${failed} failed` : ""}; they are in no figure.`,
      );
    }
  }

  async measure(): Promise<void> {
    await this.#setUpOutsideClock("behind-warmup");
    if (!this.#isStopped) await this.#sampler.start();
    this.#teller.enter("measuring");
    try {
      let isWarm = !this.#warmsBehindSetUp;
      for (const slice of this.#slices) {
        if (this.#isStopped || this.#status !== "complete") break;
        if (!isWarm && this.#operations[slice.operation]!.setUpRequests === undefined) {
          isWarm = true;
          this.#teller.enter("warming");
          await this.#warmWorkload();
          this.#teller.enter("measuring");
          if (this.#isStopped) break;
        }
        await this.#measureSlice(slice);
      }
    } finally {
      const originNs = this.#originNs || sharedNowNs();
      this.#sampled = await this.#sampler.stop(toThreadNs(originNs) / 1e6);
      if (this.#maintenance !== null) {
        this.#maintained = await this.#maintenance.stop(this.#isStopped);
      }
    }
    if (this.#isStopped && this.#status === "complete") this.#status = "interrupted";
  }

  async #measureSlice(slice: Slice): Promise<void> {
    const collectors = this.#collectors[slice.operation]!;
    this.#current = collectors;
    const startNs = sharedNowNs() + START_DELAY_NS;
    if (this.#originNs === 0) {
      this.#originNs = startNs;
      this.#measuredAt = new Date(Date.now() + START_DELAY_NS / 1e6);
      this.#maintenance?.start(startNs);
    }
    this.#lastReadyNs = startNs;
    this.#watch.begin();
    try {
      const done = await this.#phases.run(
        {
          operation: slice.operation,
          requests: slice.requests,
          durationMs: slice.durationMs,
          ratePerSec: slice.ratePerSec,
          isMeasured: true,
        },
        startNs,
      );
      for (const collector of collectors) collector.endSlice(startNs, done, this.#originNs);
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

  async close(): Promise<void> {
    await this.#pool.close();
    this.#notes.push(...((await this.#prepared.cleanUp?.()) ?? []));
    const { access, operations, target, ownKey = null, sinceRevision = null } = this.#prepared;
    if (sinceRevision === null) return;
    this.#notes.push(
      ...(await cleanUp({
        plan: this.#plan,
        endpoints: target.endpoints,
        access: access ?? { tls: null, tokens: null },
        operations,
        shares: this.#shares,
        started: this.#phases.started,
        ownKey,
        sinceRevision,
        hasFailures: this.#collectors.some(([whole]) => whole!.failed > 0),
        stop: this.#options.stop,
      })),
    );
  }

  /** Last of all, so that what was cleaned up is compared too. */
  async checkHashKv(): Promise<void> {
    if (!this.#plan.judge.checkHashKv || this.#isStopped) return;
    this.#hashKv = await checkMembers(this.#prepared, this.#options.stop);
  }

  result(startedAt: Date, dataFileSystem: string | null): RunResult {
    const { load } = this.#plan;
    const measured = this.#collectors.filter((_, at) => !this.#operations[at]!.isOutsideClock);
    const operations = measured.flat().map((collector) => collector.result(load.clients));
    const ended = this.#wholes.reduce((count, one) => count + one.succeeded + one.failed, 0);
    const client = this.#watch.result(load, this.#pool.size, ended);
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
      client,
      sentShare: this.#sentSpanNs > 0 ? this.#dueSpanNs / this.#sentSpanNs : null,
      hashKv: this.#hashKv,
      sampled: this.#sampled,
      maintained: this.#maintained,
      dataFileSystem,
    });
    this.#room.fit(
      result,
      measured.flat().map((collector) => () => collector.intervals()),
    );
    return result;
  }

  get #wholes(): SeriesCollector[] {
    return this.#collectors.flatMap(([whole], at) =>
      this.#operations[at]!.isOutsideClock ? [] : [whole!],
    );
  }

  get #operations(): readonly OperationSpec[] {
    return this.#prepared.operations;
  }

  get #isStopped(): boolean {
    return this.#options.stop?.aborted ?? false;
  }

  #onSnapshot(snapshot: SnapshotMessage): void {
    const [whole, ...others] = snapshot.recorded;
    if (whole!.dispatchLag !== null) this.#watch.addDispatchLag(whole!.dispatchLag);
    const interval = this.#current[0]!.add(snapshot, whole!, this.#originNs);
    for (const [index, recorded] of others.entries()) {
      this.#current[index + 1]!.add(snapshot, recorded, this.#originNs);
    }
    this.#watch.sampleMemory();
    if (snapshot.readyConnections > 0) this.#lastReadyNs = snapshot.toNs;
    else if (snapshot.toNs - this.#lastReadyNs > GIVE_UP_NS) this.#giveUp();
    const isInFigures = this.#wholes.includes(this.#current[0]!);
    if (interval !== null && isInFigures) this.#teller.tell(this.#wholes, interval);
  }

  /** Without a duration only successes or failures end a run, and a dead server gives few. */
  #giveUp(): void {
    if (this.#plan.limits.durationMs !== null || this.#status === "failed") return;
    this.#status = "failed";
    this.#failures.push(
      `no connection has been up for ${GIVE_UP_NS / 1e9} s: the run gave up before its total ` +
        "(with --duration it would go on to its end)",
    );
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

function sum(done: readonly PhaseDoneMessage[], field: "started" | "dropped"): number {
  return done.reduce((total, message) => total + message[field], 0);
}
