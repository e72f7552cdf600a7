/** What a workload does on the main thread before its load: names its series, and makes etcd ready. */
import type { ControlAccess } from "../etcd/control-client.ts";
import type { KeyValue, RangeOptions } from "../etcd/control-messages.ts";
import type { TargetInfo } from "../etcd/inspect.ts";
import type { HappenedEvent } from "../events/kind-of-event.ts";
import type { OperationSpec } from "../load/messages.ts";
import type { RequestChunk } from "../load/recording/request-log.ts";
import type { KeyRange } from "../plan/key-range.ts";
import type { RunPlan, WorkloadPlan } from "../plan/schema.ts";
import type { Availability } from "../result/availability-schema.ts";
import type { Fairness } from "../result/schema.ts";
import type { ProxyAnswer } from "./parts/through-grpc-proxy.ts";

export interface PrepareContext {
  readonly plan: RunPlan;
  readonly target: TargetInfo;
  readonly access: ControlAccess;
  /** Takes what a reader of the result should know. */
  note(text: string): void;
}

export interface PreparedLoad {
  operations: OperationSpec[];
  /** Of the first operation's clients, where they contend: to be asked when the run is over. */
  fairness?: () => Fairness;
  /** A key that was put before any operation. */
  ownKey?: Buffer | null;
  /** Looks at the single requests that the load has recorded, and at what etcd holds of them. */
  assess?: (recorded: RecordedRun) => Promise<Availability>;
  /** Which promises of etcd they show to be broken, a clause each. */
  brokenPromises?: (assessed: Availability) => string[];
  /** Takes back what was prepared, as far as etcd lets it; resolves to notes. Never rejects over etcd. */
  cleanUp?: () => Promise<string[]>;
}

/** What a run has recorded of a load whose single requests are assessed. */
export interface RecordedRun {
  requests: readonly RequestChunk[];
  /** The start of the measured phase, on the clock that the threads share. */
  originNs: number;
  /** In the order of their starts. */
  events: readonly HappenedEvent[];
  /** The user wants no more waiting. */
  stop: AbortSignal | undefined;
}

/** The first and the last of them, where they are known beforehand. */
export interface KeysToCheck {
  written: readonly Buffer[];
  read: readonly Buffer[];
}

/** How the keys of a run are looked for when it is over. */
export interface KeySearch {
  /** Keys that were last written before it are not the run's. */
  readonly sinceRevision: number;
  read(request: RangeOptions): Promise<{ kvs: KeyValue[]; more: boolean }>;
  /** Gets the leases that found keys are on. */
  readonly leases: Set<string>;
}

export interface Preparation<Plan = WorkloadPlan> {
  /** The series of the result, without those outside the clock. */
  series(workload: Plan, context: Pick<PrepareContext, "plan" | "target">): readonly string[];
  /** Whether members give series their names; absent: no. */
  hasSeriesOfMembers?: boolean;
  /**
   * Looks at the cluster without writing anything, so that a suite asks it of all its cells before the first.
   * @throws BenchError where the cluster cannot serve the load; absent: nothing is known before it is prepared
   */
  check?(workload: Plan, context: Omit<PrepareContext, "note">): Promise<void>;
  /** @throws BenchError where etcd refuses what the load needs */
  prepare(workload: Plan, context: PrepareContext): Promise<PreparedLoad> | PreparedLoad;
  /**
   * The operations as `prepare` makes them, without what etcd gives them, such as leases: for what is checked
   * before anything is written. Absent: none of them holds streams open.
   */
  plannedOperations?(
    workload: Plan,
    context: Pick<PrepareContext, "plan" | "target">,
  ): readonly OperationSpec[];
  /** Keys that the user must be allowed to write and read; absent: the preparation itself finds out. */
  keysToCheck?(workload: Plan): KeysToCheck;
  /** Whether some of the keys that it puts are on leases, with which they go. */
  putsLeasedKeys?(workload: Plan): boolean;
  /** Whether it puts more keys than its key space has. */
  exceedsKeySpace?(workload: Plan): boolean;
  /** The keys of the run that etcd holds, where its answers decide which come and go. */
  storedKeys?(operations: readonly OperationSpec[], search: KeySearch): AsyncIterable<Buffer>;
  /**
   * The keys that a run without a key space leaves in etcd, where they are not all below its prefix;
   * null: it leaves none that can be told from those of others.
   */
  leaves?(workload: Plan): KeyRange | null;
  /** Whether the requests of a run, of which so many succeeded, have deleted all keys that it put; absent: no. */
  deletesAll?(workload: Plan, succeeded: number): boolean;
  /** Those of its requests that etcd's grpc-proxy answers by itself, each kind once; absent: none. */
  proxyAnswers?(workload: Plan): readonly ProxyAnswer[];
  /** Whether etcd must have a leader; absent: it must. */
  needsLeader?(workload: Plan): boolean;
}
