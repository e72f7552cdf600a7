/**
 * Runs the events of a plan while load is measured, and watches the cluster and this machine: metrics,
 * changes of the cluster, the load of the CPUs.
 */
import { toThreadNs } from "../clock.ts";
import { MetricsSampler, type SampledServers } from "../etcd/metrics-sampler.ts";
import { TargetWatch } from "../etcd/target-watch.ts";
import {
  type EventSchedule,
  type EventsOutcome,
  NO_EVENTS,
  type ScheduleOptions,
} from "../events/schedule.ts";
import { MachineWatch } from "../machine/machine-watch.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { RunResult, TargetChange } from "../result/schema.ts";
import { scheduleOf } from "./events.ts";
import { targetCpuSeconds } from "./machine-doubts.ts";
import type { RunObserver } from "./observer.ts";
import type { Prepared } from "./prepare.ts";

export class TargetMonitor {
  readonly #plan: RunPlan;
  readonly #prepared: Prepared;
  readonly #sampler: MetricsSampler;
  readonly #targetWatch: TargetWatch;
  readonly #machine = new MachineWatch();
  #events: EventSchedule | null = null;
  sampled: SampledServers = { server: [], leaderChanges: [], notes: [] };
  changes: readonly TargetChange[] = [];
  scheduled: EventsOutcome = NO_EVENTS;
  /** Events that failed too often, and changes that make the figures doubtful: a clause each. */
  faults: readonly string[] = [];

  constructor(plan: RunPlan, prepared: Prepared, observer?: RunObserver) {
    this.#plan = plan;
    this.#prepared = prepared;
    this.#sampler = new MetricsSampler({
      members: prepared.target.members,
      metricsEndpoints: plan.target.metricsEndpoints,
      tls: prepared.access?.tls ?? null,
      onReading: observer?.onReading.bind(observer),
    });
    this.#targetWatch = new TargetWatch({
      target: prepared.target,
      leaderOnly: plan.target.leaderOnly,
      access: prepared.access,
      leaderCause: () => this.#events?.leaderCause ?? null,
    });
  }

  /** Resolves when the first metrics are read. */
  async watchCluster(): Promise<void> {
    await this.#sampler.start();
    this.#targetWatch.start();
  }

  /** The measured phase begins; events wait for `startEvents`. */
  begin(onEvent: ScheduleOptions["onEvent"]): void {
    this.#machine.begin();
    this.#events = scheduleOf(this.#plan, this.#prepared, onEvent);
  }

  startEvents(startNs: number): void {
    this.#events?.start(startNs);
  }

  /** The measured phase is over: `originNs` is when it began. */
  async end(originNs: number, isStopped: boolean): Promise<void> {
    this.#machine.end();
    const originMs = toThreadNs(originNs) / 1e6;
    // All at once: a reading that waits for a frozen member must not let more work fall due.
    const [scheduled, sampled, changes] = await Promise.all([
      this.#events?.stop(isStopped),
      this.#sampler.stop(originMs),
      this.#targetWatch.stop(originMs),
    ]);
    this.changes = changes;
    this.sampled = sampled;
    if (scheduled !== undefined) this.scheduled = scheduled;
    this.faults = [
      ...changes.filter(({ isFault }) => isFault).map(({ text }) => text),
      ...this.scheduled.faults(this.#plan.judge.maxErrorRate),
    ];
  }

  get hasRevisionGoneBack(): boolean {
    return this.changes.some(({ kind }) => kind === "revision" || kind === "cluster");
  }

  machine(): RunResult["machine"] {
    return this.#machine.result(targetCpuSeconds(this.#plan, this.sampled.server));
  }
}
