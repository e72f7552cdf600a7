/**
 * Picks the latency that a run is judged by, and names its clock: from the time that the schedule
 * had a request due where there is a schedule, from its send in a closed loop. Every format that
 * prints one latency of an operation prints this one.
 */
import type { Latency, OperationResult } from "./schema.ts";

export type Clock = "response" | "service";

/** What has the clocks of a run: an operation, or its requests during an event. */
export type Clocked = Pick<OperationResult, "responseTime" | "serviceTime">;

export function judgedClock({ responseTime, serviceTime }: Clocked): Clock {
  // Results of older versions have an empty response clock for what no schedule applied to.
  if (responseTime === null) return "service";
  const { count, missing } = responseTime;
  return count === 0 && missing === null && serviceTime.count > 0 ? "service" : "response";
}

export function judgedLatency(of: Clocked): Latency {
  return judgedClock(of) === "response" ? of.responseTime! : of.serviceTime;
}

/** `response time`. */
export function clockName(clock: Clock): string {
  return `${clock} time`;
}

/** `response p99`; of a closed loop, which has one clock, `p99`. */
export function clockedName(name: string, all: readonly Clocked[]): string {
  return isAnyPaced(all) ? `response ${name}` : name;
}

/** Whether a reader could mix the clocks up: some of `all` were paced. */
export function isAnyPaced(all: readonly Clocked[]): boolean {
  return all.some((each) => judgedClock(each) === "response");
}
