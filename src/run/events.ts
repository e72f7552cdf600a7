/** A run's events: those of its plan, on the cluster that was prepared. */
import { BenchError } from "../errors.ts";
import { ControlClient, ControlError } from "../etcd/control-client.ts";
import type { TargetInfo } from "../etcd/inspect.ts";
import { checkEventTargets, plannedEvents } from "../events/catalogue.ts";
import type { OwnCluster } from "../events/definition.ts";
import { EventSchedule, type Refusal, type ScheduleOptions } from "../events/schedule.ts";
import type { RunPlan } from "../plan/schema.ts";
import { SeedStream } from "../random.ts";
import type { Prepared } from "./prepare.ts";

/** Of members that events choose at random. */
const CHOICES = new SeedStream("events.choices");

/** @throws BenchError (usage) where an event of the plan does not fit this cluster */
export function checkEvents(
  { maintenance }: RunPlan,
  { members }: TargetInfo,
  cluster: OwnCluster | null,
): void {
  checkEventTargets(maintenance, { members, cluster });
}

/** What came of an event that could not be carried out; null: a defect. */
export function refusalOf(error: unknown): Refusal | null {
  if (error instanceof ControlError) {
    const { codeName, details } = error;
    return { words: `${codeName}: ${details}`, isCancelled: codeName === "CANCELLED" };
  }
  return error instanceof BenchError ? { words: error.message, isCancelled: false } : null;
}

/** Null where the plan has none. */
export function scheduleOf(
  plan: RunPlan,
  prepared: Pick<Prepared, "target" | "cluster" | "operations" | "access">,
  onEvent: ScheduleOptions["onEvent"],
  onHappening?: ScheduleOptions["onHappening"],
): EventSchedule | null {
  const { target, cluster = null, operations, access } = prepared;
  const { endpoints, members } = target;
  const events = plannedEvents(plan.maintenance);
  if (events.length === 0) return null;
  // Of several operations each has the whole duration, or none.
  const isAlone = operations.filter(({ isOutsideClock }) => !isOutsideClock).length === 1;
  return new EventSchedule({
    events,
    target: { endpoints, members, cluster },
    client: new ControlClient(endpoints, { access }),
    untilMs: isAlone ? plan.limits.durationMs : null,
    random: CHOICES.random(plan.load.seed),
    refusalOf,
    onEvent,
    ...(onHappening && { onHappening }),
  });
}
