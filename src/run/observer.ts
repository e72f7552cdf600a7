/**
 * Defines what a run reports about itself while it goes on, for those who stream, show or keep figures
 * before it ends. Its result has the same figures. Times are seconds since the start of the measured
 * phase, or nanoseconds on the clock that the threads share.
 */
import type { TargetInfo } from "../etcd/inspect.ts";
import type { MemberMetrics } from "../etcd/metrics.ts";
import type { EndpointName } from "../load/messages.ts";
import type { Pause } from "../load/pause-watch.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { EtcdEvent, RunResult } from "../result/schema.ts";
import type { ClientSecond } from "./client-seconds.ts";
import type { ClosedInterval } from "./open-interval.ts";

/** All on the main thread, between two turns in which snapshots come in: none may take long or throw. */
export interface RunObserver {
  /** The measured phase begins, within milliseconds. A search has several runs. */
  onStart?(run: ObservedRun): void;
  /**
   * A second of one series of the measured load is complete. Seconds of a series come in the order of
   * time, but for one that a worker was late with. Set-up and warm-up are not among them.
   * @param series as the result names it
   */
  onSecond?(series: ObservedSeries, second: ClosedInterval): void;
  /** The same of the requests that went to one endpoint, in a run that keeps endpoints apart. */
  onEndpointSecond?(series: ObservedEndpoint, second: ClosedInterval): void;
  /** How the client sent in the second of which all series have been reported. */
  onClient?(second: ClientSecond): void;
  /** A worker of the client paused. Called once it runs again, before the seconds that the pause held up. */
  onPause?(pause: ObservedPause): void;
  /** The metrics of a member were read, about once a second. */
  onReading?(member: string, reading: MemberMetrics): void;
  /** An event has begun, has ended, or was seen. */
  onEvent?(event: ObservedEvent): void;
  /** The result is complete, with its verdict. Not called for a run that has none. */
  onEnd?(result: RunResult): void;
}

export interface ObservedRun {
  /** Of its result. */
  id: string;
  plan: RunPlan;
  target: TargetInfo;
  /** When the measured phase begins. */
  measuredAt: Date;
  originNs: number;
  /**
   * What the result would be if the load ended now, until it has ended. It walks through all histograms,
   * for some milliseconds.
   */
  soFar(): RunResult;
}

export interface ObservedSeries {
  name: string;
  /** The whole operation, and not a part or an effect of it. */
  isWhole: boolean;
  /** Its requests were due by a schedule, so that the response time is judged. */
  isPaced: boolean;
}

/** On the clock that the threads share. */
export type ObservedPause = Pick<Pause, "startNs" | "durationNs">;

/** The whole operation, at one endpoint. */
export interface ObservedEndpoint extends EndpointName {
  operation: string;
  isPaced: boolean;
}

/** As the result has it. While it goes on, its duration and its error are null. */
export interface ObservedEvent extends EtcdEvent {
  /** Its own in the run; what lasts is reported twice under one number. */
  number: number;
  isUnderWay: boolean;
}

/** Passes on what a run reports to each of several observers, in their order. */
export class Observers implements Required<Omit<RunObserver, "onEnd">> {
  readonly #each: readonly RunObserver[];

  constructor(each: readonly RunObserver[] = []) {
    this.#each = each;
  }

  onStart(run: ObservedRun): void {
    for (const observer of this.#each) observer.onStart?.(run);
  }

  onSecond(series: ObservedSeries, second: ClosedInterval): void {
    for (const observer of this.#each) observer.onSecond?.(series, second);
  }

  onEndpointSecond(series: ObservedEndpoint, second: ClosedInterval): void {
    for (const observer of this.#each) observer.onEndpointSecond?.(series, second);
  }

  onClient(second: ClientSecond): void {
    for (const observer of this.#each) observer.onClient?.(second);
  }

  onPause(pause: ObservedPause): void {
    for (const observer of this.#each) observer.onPause?.(pause);
  }

  onReading(member: string, reading: MemberMetrics): void {
    for (const observer of this.#each) observer.onReading?.(member, reading);
  }

  onEvent(event: ObservedEvent): void {
    for (const observer of this.#each) observer.onEvent?.(event);
  }
}
