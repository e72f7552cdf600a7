/** All kinds of events: a new one has its file and a line here. */
import { COMPACTION } from "./compaction.ts";
import type { EventKind, ScheduledEvent } from "./definition.ts";
import { DEFRAGMENTATION } from "./defragmentation.ts";
import { LEADER_CHANGE } from "./leader-change.ts";

/** Those that a plan schedules, in the order of their flags in help. */
export const SCHEDULED_EVENTS: readonly ScheduledEvent[] = [COMPACTION, DEFRAGMENTATION];

/** Those that are observed alone. */
const OBSERVED: readonly EventKind[] = [LEADER_CHANGE];

export const EVENT_KINDS: readonly EventKind[] = [...SCHEDULED_EVENTS, ...OBSERVED];

/** An event with its part of a plan, which nobody else looks into. */
export interface PlannedEvent {
  readonly event: ScheduledEvent;
  readonly plan: unknown;
}

/** The events that a plan schedules. */
export function plannedEvents(plans: Readonly<Record<string, unknown>>): PlannedEvent[] {
  return SCHEDULED_EVENTS.flatMap((event) => {
    const plan = plans[event.kind] ?? null;
    return plan === null ? [] : [{ event, plan }];
  });
}

/** A file of a later version may hold a kind that this one does not know. */
export function eventKind(kind: string): EventKind {
  return EVENT_KINDS.find((each) => each.kind === kind) ?? unknownKind(kind);
}

function unknownKind(kind: string): EventKind {
  const describe = (member: string | null) => (member === null ? kind : `${kind} of ${member}`);
  return { kind, describe, mark: "?", changesLeader: false };
}
