/**
 * Defines the messages between the main thread and a worker: plain data, all times on the clock that
 * the threads share (nanoseconds, `sharedNowNs`).
 */
import type { TlsMaterial } from "../net/tls-connect.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { WorkerShare } from "../plan/shares.ts";
import type { Pause } from "./pause-watch.ts";
import type { RecorderSnapshot } from "./recording/recorder.ts";
import type { RequestChunk } from "./recording/request-log.ts";

/**
 * One operation of the run, with everything that had to be looked up already in it; each load has
 * fields of its own. `series` names what is recorded: first the whole operation, then its kinds, parts
 * or effects where it has them. With `setUpRequests` it is done that often, once, in a closed loop,
 * before all others; `isOutsideClock` means before the measured phase and in no figure,
 * `isBeforeWarmup` that the warm-up finds it done.
 */
export interface OperationSpec {
  kind: string;
  series: string[];
  /** Endpoints whose requests of the whole operation are recorded apart, too; absent: none. */
  apart?: readonly EndpointName[];
  setUpRequests?: number;
  isOutsideClock?: boolean;
  isBeforeWarmup?: boolean;
  /** Series that do not follow the schedule, such as reads at a rate of their own: their rates are over their time. */
  atOwnPace?: readonly string[];
  /** The most samples that one operation gives in a series of what it causes, such as events; absent: 1. */
  mostEffects?: number;
}

export interface EndpointName {
  /** `host:port`. */
  endpoint: string;
  /** Who answers there; null: not known. */
  member: string | null;
}

/** `workerData`: what a worker is, for its whole life. */
export interface WorkerSetup {
  share: WorkerShare;
  operations: OperationSpec[];
  load: RunPlan["load"];
  pacing: RunPlan["pacing"];
  /** How many of the slowest requests of each series are kept. */
  keepSlowest: number;
  /** Secrets that the plan does not hold; null: without TLS, without a token. */
  access: { tls: TlsMaterial | null; token: string | null };
}

export interface PhaseCommand {
  type: "phase";
  id: number;
  /** An index into the operations, or the harmless read that warms the path. */
  operation: number | "path";
  /** Requests of the whole run, of which the worker takes its share; null without a total. */
  requests: number | null;
  durationMs: number | null;
  /** Of the whole run; null for a closed loop. */
  ratePerSec: number | null;
  startNs: number;
  /** Records leave each second, in a snapshot; else snapshots are of connections alone. */
  isMeasured: boolean;
}

export type ToWorker =
  | { type: "open" }
  | PhaseCommand
  | { type: "stop"; drainMs: number }
  /** Something began to happen to etcd, or ended, at `atNs`. */
  | { type: "event"; isBegin: boolean; atNs: number }
  /** The answers to `token-wanted`. */
  | { type: "token"; token: string }
  | { type: "token-failed"; reason: string }
  | { type: "close" };

/** What one series recorded in a second; the `snapshot` that it belongs to follows all series. */
export interface RecordedMessage {
  type: "recorded";
  recorded: RecorderSnapshot;
}

/** Single requests of the last second, of a load that records them. */
export interface RequestsMessage {
  type: "requests";
  requests: RequestChunk;
}

/** What a worker's requests came to in a second. */
export interface Progress {
  /** Ended with an answer, be it an error; effects of operations count too. */
  answered: number;
  /** Ended without one: DEADLINE_EXCEEDED or UNAVAILABLE. */
  unanswered: number;
  /** What the last of those was told; empty before any. */
  lastFailure: string;
}

/** How a worker's sending went in a second. */
export interface SendingSecond {
  /** Requests that came due in it: of a closed loop, those that were sent. Of random arrivals, those
   * that have to wait are estimated, and never too high. */
  due: number;
  started: number;
  /** Share of it in which this worker's event loop had work, 0 to 1. */
  busyFraction: number;
}

/** Ends a second. */
export interface SnapshotMessage {
  type: "snapshot";
  phaseId: number;
  /** Counted from 0 in each phase; all workers' snapshots of one number make one interval. */
  interval: number;
  fromNs: number;
  toNs: number;
  readyConnections: number;
  progress: Progress;
  sending: SendingSecond;
}

export interface PhaseDoneMessage {
  type: "phase-done";
  phaseId: number;
  workerIndex: number;
  started: number;
  dropped: number;
  /** Of the dropped: whether they were sent is not known; absent: none. */
  unreported?: number;
  lastEndNs: number;
  /** Of a workload whose operations have effects: when the last of them came. */
  lastEffectNs?: number;
  lastSendNs: number;
  lastDueNs: number;
  /** When its load began: at the phase's start, or later where the worker was late. */
  beganNs?: number;
  /** Share of the phase in which this worker's event loop had work, 0 to 1. */
  busyFraction: number;
  eventLoopDelayP50Ms: number;
  eventLoopDelayP99Ms: number;
  /** Share of the phase in which this worker was ready and had no CPU, 0 to 1; null: not known. */
  cpuWaitFraction: number | null;
  /** What came of a phase that is not measured; null of one that snapshots have told of. */
  unmeasured: PhaseCounts | null;
  /** By connection of the worker, its loads' own ones last; null: not measured, or not known. */
  carried: CarriedInPhase[] | null;
}

/** What a connection carried in a phase. */
export interface CarriedInPhase {
  /** `host:port`. */
  endpoint: string;
  /** Messages that were sent: those that open calls, and further ones on their streams. */
  sent: number;
  /** Calls that were open when the phase began, as those of watches are. */
  held: number;
}

export type PhaseCounts = Pick<RecorderSnapshot, "succeeded" | "failed" | "errors">;

export interface OpenedMessage {
  type: "opened";
  workerIndex: number;
  /** By connection, how many streams its server allows at once; absent where that is not known. */
  streamLimits?: readonly number[] | undefined;
}

export type FromWorker =
  | OpenedMessage
  | { type: "open-failed"; reason: string }
  /** etcd has turned this token away. */
  | { type: "token-wanted"; refused: string }
  /** This worker did not run for a while, in a measured phase. */
  | { type: "pause"; workerIndex: number; pause: Pause }
  | RecordedMessage
  | RequestsMessage
  | SnapshotMessage
  | PhaseDoneMessage;
