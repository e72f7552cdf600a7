/**
 * Runs the events of a plan while load is measured, and watches the cluster and this machine: metrics,
 * changes of the cluster, the load of the CPUs.
 */
import { replacedFileNotes } from "../access/replaced-files.ts";
import { toThreadNs } from "../clock.ts";
import {
  MetricsSampler,
  type SampledServers,
  type SeenLeaderChange,
} from "../etcd/metrics-sampler.ts";
import { ProcessWatch } from "../etcd/process-figures.ts";
import { ProfileWatch, type TakenProfile } from "../etcd/profile-watch.ts";
import { RevisionCount } from "../etcd/revision-count.ts";
import { type KnownMembers, TargetWatch } from "../etcd/target-watch.ts";
import { plannedEvents } from "../events/catalogue.ts";
import type { HappenedEvent } from "../events/kind-of-event.ts";
import { LEADER_CHANGE } from "../events/leader-change.ts";
import {
  type EventSchedule,
  type EventsOutcome,
  NO_EVENTS,
  type ScheduleOptions,
} from "../events/schedule.ts";
import { MachineWatch } from "../machine/machine-watch.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { EtcdEvent, Interval, RunResult, TargetChange } from "../result/schema.ts";
import { endedMemberNote } from "../result/target-notes.ts";
import { workloadNamed } from "../workloads/catalogue.ts";
import type { Coordinator } from "./agents-machines.ts";
import { oneKey } from "./clean-up.ts";
import { scheduleOf } from "./events.ts";
import { ownHost } from "./host.ts";
import { targetCpuSeconds } from "./machine-doubts.ts";
import { MemberPlaces } from "./member-places.ts";
import type { RunObserver } from "./observer.ts";
import type { Prepared } from "./prepare.ts";
import { slownessMs } from "./profiles.ts";
import type { SeenMembers } from "./seen-members.ts";

export class TargetMonitor {
  readonly #plan: RunPlan;
  readonly #prepared: Prepared;
  readonly #processes: ProcessWatch;
  readonly #sampler: MetricsSampler;
  readonly #targetWatch: TargetWatch;
  /** Null: no series of the run has requests that surely make revisions, or the target is no etcd. */
  readonly #revisionCount: RevisionCount | null;
  /** Null: no profiles are asked for. */
  readonly #profileWatch: ProfileWatch | null;
  readonly #machine = new MachineWatch();
  readonly #host = ownHost();
  #places = new MemberPlaces();
  #placesFound: Promise<MemberPlaces> | null = null;
  readonly #observer: RunObserver;
  readonly #seen: SeenMembers | null;
  #events: EventSchedule | null = null;
  #originNs = 0;
  #leaderChanges = 0;
  /** Names of the members of bench's own cluster whose processes ran when the load began. */
  #running: readonly string[] = [];
  /** By its number, each event as it was reported last. */
  readonly #happened = new Map<number, HappenedEvent>();
  sampled: SampledServers = { server: [], leaderChanges: [], notes: [] };
  changes: readonly TargetChange[] = [];
  /** Null: not known. */
  membersAtEnd: KnownMembers | null = null;
  scheduled: EventsOutcome = NO_EVENTS;
  /** Of the slowest window. */
  profiles: readonly TakenProfile[] = [];
  /** Events that failed too often, and changes that make the figures doubtful: a clause each. */
  faults: readonly string[] = [];

  /** `seen`: the members that the clusters of the runs before had; null: there are none. */
  constructor(
    plan: RunPlan,
    prepared: Prepared,
    observer: RunObserver,
    seen: SeenMembers | null = null,
  ) {
    this.#plan = plan;
    this.#observer = observer;
    this.#seen = seen;
    this.#prepared = prepared;
    this.#processes = new ProcessWatch(() => prepared.cluster?.members ?? []);
    this.#sampler = new MetricsSampler({
      members: prepared.target.members,
      metricsEndpoints: plan.target.metricsEndpoints,
      tls: prepared.access?.tls ?? null,
      onReading: observer.onReading?.bind(observer),
      onLeaderChange: (change) => this.#reportLeaderChange(change),
      processOf: (member) => this.#processes.figuresOf(member),
    });
    const { profiles: kinds } = plan.judge;
    this.#profileWatch =
      kinds.length === 0
        ? null
        : new ProfileWatch({
            members: prepared.target.members,
            kinds,
            tls: prepared.access?.tls ?? null,
          });
    const key = oneKey(plan);
    const { operations, target } = prepared;
    const { makesRevision } = workloadNamed(plan.workload.kind);
    const isCounted = operations.some(({ series }) => series.some(makesRevision));
    this.#targetWatch = new TargetWatch({
      ...{ target, key },
      before: seen?.of(target.clusterId) ?? null,
      leaderOnly: plan.target.leaderOnly,
      access: prepared.access,
      leaderCause: () => this.#events?.leaderCause ?? null,
    });
    this.#revisionCount =
      target.clusterId === null || !isCounted
        ? null
        : new RevisionCount({
            endpoints: target.endpoints,
            ...{ client: this.#targetWatch.client, key },
            revisions: target.members.flatMap(({ revision }) => revision ?? []),
          });
  }

  /** Resolves when the first metrics are read. */
  async watchCluster(): Promise<void> {
    this.#processes.begin();
    const members = this.#prepared.cluster?.members ?? [];
    this.#running = members.filter(({ running }) => running).map(({ name }) => name);
    // A name that nothing resolves takes seconds, which the load need not wait for.
    this.#placesFound = MemberPlaces.of(
      this.#prepared.target.members.map(({ endpoint }) => endpoint),
    );
    await Promise.all([
      this.#sampler.start(),
      this.#profileWatch?.start(),
      this.#revisionCount?.begin(),
    ]);
    this.#targetWatch.start();
  }

  /** The measured phase begins; events wait for `startEvents`. */
  begin(onEvent: ScheduleOptions["onEvent"]): void {
    this.#machine.begin();
    this.#events = scheduleOf(this.#plan, this.#prepared, onEvent, ({ event, ...rest }) => {
      this.#happened.set(rest.number, event);
      this.#observer.onEvent?.({ ...event, ...rest });
    });
  }

  startEvents(startNs: number): void {
    this.#originNs = startNs;
    this.#events?.start(startNs);
    this.#profileWatch?.begin();
  }

  /** An interval of the load is complete. */
  addInterval(interval: Interval): void {
    if (this.#profileWatch === null) return;
    const fromMs = toThreadNs(this.#originNs) / 1e6 + interval.startSeconds * 1000;
    const toMs = fromMs + interval.durationSeconds * 1000;
    this.#profileWatch.add({ fromMs, toMs, slownessMs: slownessMs(interval) });
  }

  /**
   * The measured phase is over: `originNs` is when it began.
   * @param madeRevisions acknowledged requests that made one revision each
   */
  async end(originNs: number, isStopped: boolean, madeRevisions: number): Promise<void> {
    this.#machine.end();
    const originMs = toThreadNs(originNs) / 1e6;
    // All at once: a reading that waits for a frozen member must not let more work fall due.
    const [scheduled, sampled, changes, profiled, lost, places] = await Promise.all([
      this.#events?.stop(isStopped),
      this.#sampler.stop(originMs),
      this.#targetWatch.stop(originMs),
      this.#profileWatch?.stop(),
      this.#revisionCount?.end(madeRevisions),
      this.#placesFound,
    ]).finally(() => this.#targetWatch.close());
    this.changes = changes;
    this.membersAtEnd = this.#knownMembers();
    this.#seen?.keep(this.#prepared.target.clusterId, this.membersAtEnd);
    // The watch knows better when it was.
    if (lost != null && !this.hasRevisionGoneBack) {
      const atSeconds = Math.round(performance.now() - originMs) / 1000;
      this.changes = [...changes, { kind: "revision", isFault: true, text: lost, atSeconds }];
    }
    this.sampled = sampled;
    if (places !== null) this.#places = places;
    if (profiled !== undefined) {
      this.profiles = profiled.profiles;
      this.sampled.notes.push(...profiled.notes);
    }
    if (scheduled !== undefined) this.scheduled = scheduled;
    this.sampled.notes.push(
      ...this.#endedMembers(),
      ...replacedFileNotes(this.#plan.target.tls, this.#prepared.access?.tls ?? null),
    );
    this.faults = [
      ...this.changes.filter(({ isFault }) => isFault).map(({ text }) => text),
      ...this.scheduled.faults(this.#plan.judge.maxErrorRate),
    ];
  }

  /** Events of bench's own clusters may put members right after the last look. */
  #knownMembers(): KnownMembers | null {
    const { cluster = null } = this.#prepared;
    const isChanged = cluster !== null && plannedEvents(this.#plan.maintenance).length > 0;
    return isChanged ? null : this.#targetWatch.members;
  }

  /** A note for each process of bench's own that has ended, and that no event has started again. */
  #endedMembers(): string[] {
    const { cluster = null } = this.#prepared;
    const isThere = (name: string) => cluster?.members.some((each) => each.name === name);
    return this.#running.filter(isThere).flatMap((name) => {
      const end = cluster?.endOf(name) ?? null;
      return end === null ? [] : [endedMemberNote(name, end)];
    });
  }

  /** What was sampled and has happened by now, while the measured phase goes on. */
  soFar(): { sampled: SampledServers; scheduled: EventsOutcome } {
    const originMs = toThreadNs(this.#originNs) / 1e6;
    const events = [...this.#happened.values()];
    return { sampled: this.#sampler.soFar(originMs), scheduled: { ...NO_EVENTS, events } };
  }

  /** One that was seen before the load began is in the result alone. */
  #reportLeaderChange(change: SeenLeaderChange): void {
    if (this.#originNs === 0) return;
    const event = leaderChangeEvent(change, toThreadNs(this.#originNs) / 1e6);
    // Counted down: the numbers of the schedule count up.
    this.#leaderChanges -= 1;
    this.#observer.onEvent?.({ ...event, number: this.#leaderChanges, isUnderWay: false });
  }

  get hasRevisionGoneBack(): boolean {
    return this.changes.some(({ kind }) => kind === "revision" || kind === "cluster");
  }

  machine(): RunResult["machine"] {
    return this.#machine.result(this.#cpuSecondsAt(new Set(this.#host.addresses), true));
  }

  /** For the machines of agents, of which this may be one. */
  get coordinator(): Coordinator {
    return {
      host: this.#host,
      span: this.#machine.span,
      targetCpuSecondsAt: (addresses, isOwn) => this.#cpuSecondsAt(addresses, isOwn),
    };
  }

  /** Of the members on the machine with these addresses. */
  #cpuSecondsAt(addresses: ReadonlySet<string>, isOwn: boolean): number | null {
    return targetCpuSeconds(this.#plan, this.sampled.server, (endpoint) =>
      this.#places.isAt(endpoint, addresses, isOwn),
    );
  }
}

/** `originMs`: the start of the measured phase, of this thread's performance.now(). */
export function leaderChangeEvent({ member, atMs }: SeenLeaderChange, originMs: number): EtcdEvent {
  return {
    ...{ kind: LEADER_CHANGE.kind, member, startSeconds: (atMs - originMs) / 1000 },
    ...{ text: null, revision: null, durationSeconds: null, error: null },
  };
}
