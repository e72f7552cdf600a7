/** All kinds of events: a new one has its file and a line here. */
import { COMPACT, COMPACTION } from "./compaction.ts";
import {
  type Carried,
  type EventKind,
  type EventSite,
  ofMember,
  type ScheduledEvent,
} from "./definition.ts";
import { DEFRAG, DEFRAGMENTATION } from "./defragmentation.ts";
import { FULL_DISK, SLOW_DISK } from "./disk.ts";
import { LEADER_CHANGE } from "./leader-change.ts";
import { ADD, MOVE_LEADER, REMOVE, REPLACE } from "./membership.ts";
import { BANDWIDTH, BLACKHOLE, DELAY, LOSS, RESET } from "./network.ts";
import { NO_SPACE_ALARM } from "./no-space-alarm.ts";
import { PARTITION } from "./partition.ts";
import { KILL, PAUSE, RESTART, STOP } from "./processes.ts";
import { SCRIPT } from "./script.ts";
import type { TimedEvent, TimedPlan } from "./timed-event.ts";
import {
  carriedEvent,
  checkHere,
  checkNames,
  checkTimes,
  checkWithoutCluster,
} from "./timed-plans.ts";

/** Those that flags of their own schedule, in the order of help. */
export const SCHEDULED_EVENTS: readonly ScheduledEvent[] = [COMPACTION, DEFRAGMENTATION];

/** Those that `--event` gives a time, in the order of help. */
export const TIMED_EVENTS: readonly TimedEvent[] = [
  KILL,
  STOP,
  PAUSE,
  RESTART,
  MOVE_LEADER,
  REMOVE,
  ADD,
  REPLACE,
  COMPACT,
  DEFRAG,
  NO_SPACE_ALARM,
  SLOW_DISK,
  FULL_DISK,
  DELAY,
  LOSS,
  BANDWIDTH,
  RESET,
  BLACKHOLE,
  PARTITION,
  SCRIPT,
];

/** Those that are observed alone. */
const OBSERVED: readonly EventKind[] = [LEADER_CHANGE];

export const EVENT_KINDS: readonly EventKind[] = [
  ...new Set([...SCHEDULED_EVENTS, ...TIMED_EVENTS.map(({ kind }) => kind), ...OBSERVED]),
];

/** An event with its part of a plan, which no other code looks into. */
export interface PlannedEvent<Event extends Carried<unknown> = Carried<unknown>> {
  readonly event: Event;
  readonly plan: unknown;
}

/** By the kind of event its part of the plan; `events`: those of `--event`. */
export interface EventPlans extends Readonly<Record<string, unknown>> {
  readonly events: readonly TimedPlan[];
}

/** The events that a plan schedules. */
export function plannedEvents(plans: EventPlans): PlannedEvent[] {
  const timed = plans.events.map((plan) => ({ event: carriedEvent(plan, TIMED_EVENTS), plan }));
  return [...scheduledPlans(plans), ...timed];
}

/** Those that have flags of their own. */
export function scheduledPlans(plans: EventPlans): PlannedEvent<ScheduledEvent>[] {
  return SCHEDULED_EVENTS.flatMap((event) => {
    const plan = plans[event.kind] ?? null;
    return plan === null ? [] : [{ event, plan }];
  });
}

/**
 * @param durationMs of the measured phase; null: not known
 * @throws BenchError (usage) for an `--event` that comes too late, and for two that exclude each other
 */
export function checkEventTimes({ events }: EventPlans, durationMs: number | null): void {
  checkTimes(events, TIMED_EVENTS, durationMs);
}

/** What is wrong whatever the cluster is. @throws BenchError (usage) where bench has started none */
export function checkEventsWithoutCluster({ events }: EventPlans): void {
  checkWithoutCluster(events, TIMED_EVENTS);
}

/** @throws BenchError (usage) for an event that lacks something of this machine */
export function checkEventsHere({ events }: EventPlans): void {
  checkHere(events, TIMED_EVENTS);
}

/** @throws BenchError (usage) where an event does not fit this cluster */
export function checkEventTargets(plans: EventPlans, site: EventSite): void {
  for (const { event, plan } of plannedEvents(plans)) event.check(plan, site);
  checkNames(plans.events, TIMED_EVENTS, site);
}

/** A file of a later version may hold a kind that this one does not know. */
export function eventKind(kind: string): EventKind {
  return EVENT_KINDS.find((each) => each.kind === kind) ?? unknownKind(kind);
}

function unknownKind(kind: string): EventKind {
  return { kind, describe: ofMember(kind), mark: "?", changesLeader: false };
}
