/**
 * What a run tells about itself while it goes on, second by second, for those who keep or show figures
 * before it ends. Its result has the same figures.
 */
import type { MemberMetrics } from "../etcd/metrics.ts";
import type { ClosedInterval } from "./open-interval.ts";

export interface RunObserver {
  /**
   * A second of one series of the measured load is complete. Seconds of a series come in the order of
   * time, but for one that a worker was late with. Set-up and warm-up are not among them.
   * @param series as the result names it
   */
  onSecond(series: ObservedSeries, second: ClosedInterval): void;
  /** The metrics of a member were read, about once a second. */
  onReading(member: string, reading: MemberMetrics): void;
}

export interface ObservedSeries {
  name: string;
  /** The whole operation, and not a part or an effect of it. */
  isWhole: boolean;
  /** Its requests were due by a schedule, so that the response time is judged. */
  isPaced: boolean;
}
