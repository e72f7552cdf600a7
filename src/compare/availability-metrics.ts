/**
 * What runs with single requests are compared by: how long each operation was away for clients that are
 * not attached to the faulted member alone, how the cluster recovered, and what must never happen.
 */
import { dataFigures } from "../failover/data-figures.ts";
import { DATA_METRICS } from "../failover/metrics.ts";
import type { DataFigures } from "../failover/report-schema.ts";
import { HOLDS_FOR_MS } from "../failover/service.ts";
import type { Availability, AvailabilityGroup } from "../result/availability-schema.ts";
import type { OperationResult, RunResult } from "../result/schema.ts";
import { METRIC_WORDS } from "./metric-words.ts";
import { ETCD, type Metric } from "./metrics.ts";
import type { MetricComparison, MetricName } from "./schema.ts";

/** Why it is not known whether the old rate is back. */
const TOO_SHORT = `the run ended less than ${HOLDS_FOR_MS / 1_000} s after the fault or the last outage, too soon to tell`;

/** Outages differ widely from one trial to the next. */
const LEAST_EFFECT = 0.2;

/** Of an operation; of `availability`, which is all of them together, the worst. */
export const AVAILABILITY_METRICS: readonly Metric[] = [
  outage("unavailable", ({ longestWindowMs }) => longestWindowMs),
  outage("unavailable-total", ({ unavailableMs }) => unavailableMs),
  oldRate(),
];

/** Of the cluster as a whole. */
export const RECOVERY_METRICS: readonly Metric[] = [
  {
    ...recovery("elected", ({ leadership }) => leadership?.leaderElectedMs ?? null),
    unknown: (_, { availability }) => {
      // Where no leader was lost there was none to elect.
      if ((availability?.leadership?.leaderLostMs ?? null) === null) return null;
      return { low: 0, high: Number.POSITIVE_INFINITY, why: "no leader was seen until the end" };
    },
  },
  recovery("first-commit", ({ leadership }) => leadership?.firstCommitMs ?? null),
  recovery("caught-up", ({ leadership }) => leadership?.memberCaughtUpMs ?? null),
];

/** Each must be 0. */
const NEVER: readonly MetricName[] = [
  ...(["lost-writes", "doubled-writes", "backward-reads", "lost-events"] as const),
  ...(["doubled-events", "early-leases", "two-owners"] as const),
];

/** How the two are called. */
interface Sides {
  baseLabel?: string;
  headLabel?: string;
}

/** Of what `countedMetrics` has a count of. */
export function countedFigures(runs: readonly RunResult[]): DataFigures {
  const uncounted = { corrupt: null, inDoubtDiverged: null, hashesDiffer: null };
  return { ...dataFigures(runs), ...uncounted, eventsOutOfOrder: null };
}

/**
 * Sums over the runs of each side. One is a fact and no chance: where one side has none, the verdict
 * needs no pairs.
 */
export function countedMetrics(
  base: readonly RunResult[],
  head: readonly RunResult[],
  labels: Sides,
): MetricComparison[] {
  if ([...base, ...head].some(({ availability }) => availability === null)) return [];
  const [ofBase, ofHead] = [dataFigures(base), dataFigures(head)];
  return NEVER.flatMap((metric): MetricComparison[] => {
    const { of } = DATA_METRICS.find(({ name }) => name === metric)!;
    const [inBase, inHead] = [of(ofBase), of(ofHead)];
    if (inBase === null && inHead === null) return [];
    return [
      {
        ...{ operation: ETCD, metric, unit: "count", better: "lower", clock: null },
        ...{ standsForLoad: false, isGate: true, base: inBase, head: inHead, ratio: null },
        ...{
          baseBounds: null,
          headBounds: null,
          notKnown: notKnownOf(metric, inBase, inHead, labels),
        },
        ...{ interval90: null, interval95: null, pValue: null, adjustedPValue: null },
        ...{ leastEffect: 0, detectableEffect: null, noise: null, reason: null, pairs: [] },
        verdict: verdictOf(inBase, inHead),
      },
    ];
  });
}

/** Where a side could not be read, or got no answer that could show one. */
function notKnownOf(
  metric: MetricName,
  base: number | null,
  head: number | null,
  { baseLabel = "base", headLabel = "head" }: Sides,
): string | null {
  if (base !== null && head !== null) return null;
  return `${METRIC_WORDS[metric]} of ${ETCD} is not known of ${base === null ? baseLabel : headLabel}`;
}

function verdictOf(base: number | null, head: number | null): MetricComparison["verdict"] {
  if (base === null || head === null) return "undecided";
  if (base > 0 && head > 0) return null;
  if (base === head) return "no-change";
  return head > 0 ? "slower" : "faster";
}

/** The most of the groups; of one whose last window was open when the run ended only a lower bound. */
function outage(name: MetricName, of: (group: AvailabilityGroup) => number): Metric {
  // A window that no request saw is shorter than the time between two requests.
  const least = time(name, ({ spacingMs }, groups) => Math.max(spacingMs, ...groups.map(of)));
  const closed = time(name, (_, groups) => {
    return groups.some(({ windows }) => windows.some(({ isOpen }) => isOpen)) ? null : 0;
  });
  return {
    ...least,
    read: (...run) => (closed.read(...run) === null ? null : least.read(...run)),
    unknown: (...run) => {
      const low = least.read(...run);
      if (low === null) return null;
      return { low, high: Number.POSITIVE_INFINITY, why: "it was not over when the run ended" };
    },
  };
}

/** A group that was away when the run ended, long after the fault, has lost it; of others it is not known. */
function oldRate(): Metric {
  const known = time("full-rate", (_, groups) => {
    const values = groups.flatMap(({ fullRateMs }) => fullRateMs ?? []);
    return values.length < groups.length ? null : Math.max(...values);
  });
  return {
    ...known,
    unknown: (operation, run) => {
      const fault = run.availability?.fault ?? null;
      // Without a fault the old rate had not gone.
      if (fault === null) return null;
      const isGone = groupsOf(operation, run).some(({ fullRateMs, windows }) => {
        const last = windows.at(-1);
        const isLost = last?.isOpen === true && last.endMs >= fault.startMs + HOLDS_FOR_MS;
        return fullRateMs === null && isLost;
      });
      const why = isGone ? "the old rate did not come back" : TOO_SHORT;
      return { low: 0, high: Number.POSITIVE_INFINITY, why };
    },
  };
}

/** Of the clients whose member was not faulted. */
function groupsOf(
  { name: operation }: Pick<OperationResult, "name">,
  { availability, plan }: RunResult,
): AvailabilityGroup[] {
  return (availability?.groups ?? []).filter((group) => {
    const isNamed = operation === plan.workload.kind || group.operation === operation;
    return isNamed && group.isFaulted !== true;
  });
}

function time(
  name: MetricName,
  of: (availability: Availability, groups: readonly AvailabilityGroup[]) => number | null,
): Metric {
  return {
    ...{ name, unit: "ms", better: "lower", leastEffect: LEAST_EFFECT },
    ...{ isLatency: false, leastRequests: 0 },
    read(operation, run) {
      const groups = groupsOf(operation, run);
      return run.availability === null || groups.length === 0 ? null : of(run.availability, groups);
    },
  };
}

function recovery(name: MetricName, of: (availability: Availability) => number | null): Metric {
  return {
    ...{ name, unit: "ms", better: "lower", leastEffect: LEAST_EFFECT },
    ...{ isLatency: false, leastRequests: 0 },
    read: (_, { availability }) => (availability === null ? null : of(availability)),
  };
}
