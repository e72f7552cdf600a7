/** The figures of a failover report by name: what thresholds are of, and what formats for machines write. */
import type { DataFigures, Distribution, FailoverReport, ServiceRow } from "./report-schema.ts";

export type Unit = "ms" | "count" | "percent";

interface Metric<Of, Figure> {
  /** As `--threshold` names it. */
  name: string;
  unit: Unit;
  better: "lower" | "higher";
  of(from: Of): Figure;
}

export type Measured = Omit<FailoverReport, "thresholds" | "verdict">;

const lower = <Of, Figure>(
  name: string,
  unit: Unit,
  of: (from: Of) => Figure,
): Metric<Of, Figure> => ({ name, unit, better: "lower", of });

type Service = Omit<Metric<ServiceRow, Distribution>, "name">;

const SERVICE: Record<string, Service> = {
  unavailable: { unit: "ms", better: "lower", of: (row) => row.longestWindowMs },
  "unavailable-total": { unit: "ms", better: "lower", of: (row) => row.unavailableMs },
  windows: { unit: "count", better: "lower", of: (row) => row.windows },
  "first-error": { unit: "ms", better: "higher", of: (row) => row.firstErrorMs },
  "first-answer": { unit: "ms", better: "lower", of: (row) => row.firstSuccessMs },
  "full-rate": { unit: "ms", better: "lower", of: (row) => row.fullRateMs },
  "full-speed": { unit: "ms", better: "lower", of: (row) => row.fullSpeedMs },
  "lost-requests": { unit: "count", better: "lower", of: (row) => row.requestsLost },
  availability: { unit: "percent", better: "higher", of: (row) => row.availabilityPercent },
};

/** Of an operation, by where clients were attached; a value for each trial. */
export const SERVICE_METRICS: readonly Metric<ServiceRow, Distribution>[] = Object.entries(
  SERVICE,
).map(([name, metric]) => ({ name, ...metric }));

/** Of the cluster; a value for each trial. */
export const RECOVERY_METRICS: readonly Metric<Measured, Distribution>[] = [
  lower("leader-lost", "ms", ({ leaderLostMs }) => leaderLostMs),
  lower("elected", "ms", ({ leaderElectedMs }) => leaderElectedMs),
  lower("first-commit", "ms", ({ firstCommitMs }) => firstCommitMs),
  lower("elections", "count", ({ elections }) => elections),
  lower("healthy", "ms", ({ memberHealthyMs }) => memberHealthyMs),
  lower("caught-up", "ms", ({ memberCaughtUpMs }) => memberCaughtUpMs),
  lower("entries-behind", "count", ({ mostEntriesBehind }) => mostEntriesBehind),
  lower("watch-gap", "ms", ({ watchGapMs }) => watchGapMs),
  lower("watch-resume", "ms", ({ watchResumeMs }) => watchResumeMs),
];

/** Of the data, over all trials together; null where it is not known. */
export const DATA_METRICS: readonly Metric<DataFigures, number | null>[] = [
  lower("lost-writes", "count", ({ lost }) => lost),
  lower("doubled-writes", "count", ({ appliedTwice }) => appliedTwice),
  lower("corrupt-writes", "count", ({ corrupt }) => corrupt),
  lower("in-doubt-writes", "count", ({ runs, inDoubt }) => (runs === 0 ? null : inDoubt)),
  lower("differing-hashes", "count", ({ hashesDiffer }) => hashesDiffer),
  lower("backward-reads", "count", backwardReads),
  lower("stale-reads", "count", ({ stale }) => stale),
  lower("stale-for", "ms", ({ longestStaleMs }) => longestStaleMs),
  lower("lost-events", "count", ({ eventsLost, eventsNotDelivered }) =>
    sumOfKnown(eventsLost, eventsNotDelivered),
  ),
  lower("doubled-events", "count", ({ eventsTwice }) => eventsTwice),
  lower("disordered-events", "count", ({ eventsOutOfOrder }) => eventsOutOfOrder),
  lower("early-leases", "count", ({ leasesExpiredEarly }) => leasesExpiredEarly),
  lower("two-owners", "count", ({ twoOwners }) => twoOwners),
];

/** Linearizable reads that went back or missed an acknowledged key. */
export function backwardReads({ wentBack, notFound }: DataFigures): number | null {
  return sumOfKnown(wentBack, notFound);
}

/** Null where neither is known. */
function sumOfKnown(one: number | null, other: number | null): number | null {
  return one === null && other === null ? null : (one ?? 0) + (other ?? 0);
}
