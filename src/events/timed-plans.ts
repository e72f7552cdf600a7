/** What follows from the `--event`s of a plan: when each is due, and which of them cannot be. */
import { BenchError, flagError } from "../errors.ts";
import { formatDuration } from "../units.ts";
import type { Carried, EventSite } from "./definition.ts";
import type { TimedAction, TimedEvent, TimedPlan } from "./timed-event.ts";

export const EVENT_FLAG_NAME = "event";

export interface ReadEvent {
  event: TimedEvent;
  action: TimedAction;
}

/** `kill leader`. Null: its first word names no event, or the others are no arguments of it. */
export function readAction(text: string, events: readonly TimedEvent[]): ReadEvent | null {
  const [, verb, rest = ""] = /^(\S+)\s*(.*)$/s.exec(text.trim()) ?? [];
  const event = events.find((each) => each.verb === verb);
  const action = event?.read(rest.trim()) ?? null;
  return event === undefined || action === null ? null : { event, action };
}

/** `at=10s for=5s kill leader` */
export function timedText({ atMs, lastsMs, action }: TimedPlan): string {
  const duration = lastsMs === null ? "" : ` for=${formatDuration(lastsMs)}`;
  return `at=${atMs === 0 ? "0s" : formatDuration(atMs)}${duration} ${action}`;
}

/** The event as the schedule carries it out. */
export function carriedEvent(plan: TimedPlan, events: readonly TimedEvent[]): Carried<unknown> {
  const read = readAction(plan.action, events);
  const { atMs, lastsMs, action: text } = plan;
  const { kind, mark, describe, changesLeader } = read?.event.kind ?? unknownKind(text);
  return {
    ...{ kind, mark, describe, changesLeader, text },
    makesRoom: read?.event.makesRoom ?? false,
    describePlan(_, duration) {
      return `${text} at ${duration(atMs)}${lastsMs === null ? "" : ` for ${duration(lastsMs)}`}`;
    },
    schedule: () => ({
      everyMs: null,
      atMs: [atMs],
      flag: `--${EVENT_FLAG_NAME}='${timedText(plan)}'`,
      meanwhile: "at-once",
    }),
    check(_, site) {
      if (read === null) throw badEvent(plan, "this version of bench does not know it");
      checkCluster(plan, read, site);
      checkAction(plan, read, site);
    },
    actions(_, context) {
      if (read === null) throw new Error(`${text} was not checked`);
      return read.action.actions(context, lastsMs);
    },
  };
}

/** A plan of a later version may hold one that this version does not know. */
function unknownKind(text: string) {
  const [kind = text] = text.split(" ");
  return { kind, mark: "?", changesLeader: true, describe: () => kind };
}

/** @throws BenchError (usage) for one that needs a cluster which bench has started, where it has none */
export function checkWithoutCluster(
  plans: readonly TimedPlan[],
  events: readonly TimedEvent[],
): void {
  for (const plan of plans) {
    const read = readAction(plan.action, events);
    if (read !== null) checkCluster(plan, read, { cluster: null });
  }
}

function checkCluster(
  plan: TimedPlan,
  { event }: ReadEvent,
  { cluster }: Pick<EventSite, "cluster">,
): void {
  if (cluster !== null || !event.needsOwnCluster) return;
  throw badEvent(
    plan,
    "bench did not start this cluster, and touches only processes that it started; add --local or --cluster, " +
      `or bring a script of your own: --${EVENT_FLAG_NAME}='at=${formatDuration(plan.atMs || 1000)} for=5s exec ./my-script'`,
  );
}

/** @throws BenchError (usage) for one that lacks something of this machine, such as its script */
export function checkHere(plans: readonly TimedPlan[], events: readonly TimedEvent[]): void {
  for (const plan of plans) {
    const lack = readAction(plan.action, events)?.action.lacks?.() ?? null;
    if (lack !== null) throw badEvent(plan, lack);
  }
}

function checkAction(plan: TimedPlan, { action }: ReadEvent, site: EventSite): void {
  try {
    action.check?.(site);
  } catch (error) {
    throw error instanceof BenchError ? badEvent(plan, error.message) : error;
  }
}

/** @throws BenchError (usage) where a name is that of no member, nor of one that an event adds */
export function checkNames(
  plans: readonly TimedPlan[],
  events: readonly TimedEvent[],
  { members, cluster }: EventSite,
): void {
  const actions = plans.map((plan) => ({ plan, action: readAction(plan.action, events)?.action }));
  const known = [
    ...(cluster?.members ?? members).map(({ name }) => name),
    ...actions.flatMap(({ action }) => (action?.adds ? [action.adds] : [])),
  ];
  for (const { plan, action } of actions) {
    const unknown = action?.names?.find((name) => !known.includes(name));
    if (unknown === undefined) continue;
    const given = JSON.stringify(unknown);
    throw badEvent(plan, `${given} is no member of the cluster; give one of ${known.join(", ")}`);
  }
}

/**
 * @param durationMs of the measured phase; null: not known
 * @throws BenchError (usage) for one that comes too late, and for two that exclude each other
 */
export function checkTimes(
  plans: readonly TimedPlan[],
  events: readonly TimedEvent[],
  durationMs: number | null,
): void {
  if (durationMs !== null) {
    for (const plan of plans) checkWithin(plan, durationMs);
  }
  const spans = plans.map((plan) => ({
    plan,
    claims: readAction(plan.action, events)?.action.claims ?? [],
    fromMs: plan.atMs,
    untilMs: endMs(plan, events),
  }));
  for (const [index, one] of spans.entries()) {
    for (const other of spans.slice(index + 1)) {
      const shared = one.claims.find((claim) => other.claims.includes(claim));
      if (shared === undefined) continue;
      const [first, second] = one.fromMs <= other.fromMs ? [one, other] : [other, one];
      if (second.fromMs >= first.untilMs && second.fromMs > first.fromMs) continue;
      throw badEvent(
        second.plan,
        `it would begin while '${timedText(first.plan)}' has ${shared}; give a for= that ends before, or another time`,
      );
    }
  }
}

function endMs({ atMs, lastsMs, action }: TimedPlan, events: readonly TimedEvent[]): number {
  if (!readAction(action, events)?.event.lasts) return atMs;
  return lastsMs === null ? Number.POSITIVE_INFINITY : atMs + lastsMs;
}

function checkWithin(plan: TimedPlan, durationMs: number): void {
  const { atMs, lastsMs } = plan;
  const length = formatDuration(durationMs);
  if (atMs >= durationMs) {
    throw badEvent(
      plan,
      `the run is over after ${length}; give an earlier at= or a longer --duration`,
    );
  }
  if (lastsMs !== null && atMs + lastsMs > durationMs) {
    const end = formatDuration(atMs + lastsMs);
    throw badEvent(
      plan,
      `it ends at ${end}, and the run is over after ${length}; give a shorter for=, none (to the end of the run), or a longer --duration`,
    );
  }
}

function badEvent(plan: TimedPlan, why: string): BenchError {
  return flagError(EVENT_FLAG_NAME, `--${EVENT_FLAG_NAME}='${timedText(plan)}': ${why}`);
}
