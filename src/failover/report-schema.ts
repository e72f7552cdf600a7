/**
 * What the trials of a fault came to: distributions over trials by operation and by where clients were
 * attached, the phases of the recovery, and what happened to the data. Field names are the contract:
 * add freely, rename none without raising `schemaVersion`.
 */

export const FAILOVER_SCHEMA_VERSION = 1;

/** One figure over the trials. Null where no trial has it. */
export interface Distribution {
  /** In the order of trials; null where a trial does not have it. */
  values: (number | null)[];
  min: number | null;
  median: number | null;
  /** Null with fewer than ten values. */
  p90: number | null;
  max: number | null;
  /** The true median lies between them with 95% confidence, by order statistics; null below six values. */
  medianLow: number | null;
  medianHigh: number | null;
  /** Values that are lower bounds: the run was over before the window was. */
  atLeast: number;
}

/** Where a client was attached: to the member that the fault was of, to another, or to all. */
export const ROLES = ["all", "other", "faulted", "any"] as const;
/** `any`: the fault was of no single member. */
export type Role = (typeof ROLES)[number];

export interface ServiceRow {
  operation: string;
  role: Role;
  /** Of several other members the worst in each trial. */
  longestWindowMs: Distribution;
  unavailableMs: Distribution;
  windows: Distribution;
  firstErrorMs: Distribution;
  firstSuccessMs: Distribution;
  fullRateMs: Distribution;
  fullSpeedMs: Distribution;
  requestsLost: Distribution;
  availabilityPercent: Distribution;
}

export interface ControlRow {
  operation: string;
  runs: number;
  windows: number;
  longestWindowMs: number;
  availabilityPercent: number | null;
}

export interface TrialTimeline {
  trial: number;
  member: string | null;
  /** When the fault began, since the start of the run. */
  faultMs: number;
  /** How long it lasted. */
  lastedMs: number | null;
  leaderElectedMs: number | null;
  groups: {
    operation: string;
    role: Role;
    attachment: string;
    /** From the fault on; a bin's share of good requests, null where none was due. */
    windows: { fromMs: number; toMs: number; isOpen: boolean }[];
  }[];
  /** All operations of clients on all members: the share of good requests in each bin. */
  binMs: number;
  good: (number | null)[];
}

export interface FailoverThreshold {
  expression: string;
  /** The worst of the trials; null where it was not measured. */
  actual: number | null;
  outcome: "held" | "broken" | "undecided";
  reason: string | null;
}

export interface DataFigures {
  acknowledged: number;
  lost: number | null;
  inDoubt: number;
  inDoubtApplied: number;
  inDoubtNotApplied: number;
  inDoubtDiverged: number;
  appliedTwice: number | null;
  corrupt: number | null;
  /** Of members whose hash of the keys differs from that of the others; null: not compared. */
  hashesDiffer: number | null;
  linearizableReads: number;
  wentBack: number;
  /** Linearizable reads that did not find an acknowledged key. */
  notFound: number;
  serializableReads: number;
  stale: number;
  longestStaleMs: number;
  eventsTwice: number;
  eventsOutOfOrder: number;
  eventsLost: number;
  eventsNotDelivered: number;
  leasesExpired: number;
  leasesExpiredEarly: number;
  twoOwners: number;
}

export interface FailoverReport {
  kind: "failover";
  schemaVersion: typeof FAILOVER_SCHEMA_VERSION;
  id: string;
  startedAt: string;
  /** As given, without times. */
  events: readonly string[];
  /** That were planned; `measured` of them have a result. */
  trials: number;
  measured: number;
  controls: number;
  /** Of the first trial's run, in words. */
  describe: string;
  etcd: string;
  ratePerSec: number;
  timeoutMs: number;
  slowMs: number;
  rows: ServiceRow[];
  control: ControlRow[];
  leaderLostMs: Distribution;
  leaderElectedMs: Distribution;
  firstCommitMs: Distribution;
  elections: Distribution;
  memberHealthyMs: Distribution;
  memberCaughtUpMs: Distribution;
  mostEntriesBehind: Distribution;
  watchGapMs: Distribution;
  watchResumeMs: Distribution;
  data: DataFigures;
  /** Of the controls: what was lost or doubled without a fault. */
  controlData: DataFigures;
  timelines: TrialTimeline[];
  thresholds: FailoverThreshold[];
  verdict: { kind: "passed" | "failed" | "incomplete"; reasons: string[] };
  notes: string[];
}
