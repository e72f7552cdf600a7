/**
 * Decides thresholds by what the requests of a run prove: a figure decides, and so does a bound. A
 * maximum below a limit proves every percentile; many slow requests refute one, however few there are.
 */

import { metricName, percentileOf } from "../flags/threshold.ts";
import { samplesForPercentile } from "../percentile-samples.ts";
import type { Threshold } from "../plan/schema.ts";
import { type Clock, judgedClock, judgedLatency } from "../result/judged-latency.ts";
import { endpointSeriesNames, isHeldAgainst } from "../result/named-series.ts";
import { offeredOperations } from "../result/offered.ts";
import type { EndpointResult, Latency, OperationResult, RunResult } from "../result/schema.ts";
import type { ThresholdOutcome, ThresholdResult } from "../result/threshold-outcome.ts";
import { carriesPercentile } from "../stats/latency.ts";
import { histogramMaxMs } from "../stats/percentile-text.ts";
import { formatCount } from "../tables/number-format.ts";
import { isLatencyMetric } from "../tables/threshold-words.ts";
import { formatNoun } from "../text/noun.ts";
import { isPrimary, requestSeries } from "../workloads/series-roles.ts";
import {
  type Bounds,
  boundsOf,
  leastOfPercentile,
  mostOfPercentile,
  perhapsDropped,
  samplesOf,
  UNKNOWN,
} from "./threshold-bounds.ts";

interface Judged {
  operation: OperationResult;
  bounds: Bounds;
  outcome: ThresholdOutcome;
  /** Watchers whose later events are in no figure of it. */
  lostWatchers: number;
  /** Too few samples leave it undecided, with or without the requests that have no latency. */
  isRare: boolean;
}

/**
 * Each threshold must hold for the series that it names, else for every operation; `actual` is the
 * worst of them. Where it names none, `searchLimits` leave out those operations whose samples alone are
 * too few to decide it: a step is short, and what is rare in the load would end every search. A threshold
 * that names no series is not held against single endpoints.
 */
export function checkThresholds(
  thresholds: readonly Threshold[],
  operations: readonly OperationResult[],
  searchLimits: readonly Threshold[] = [],
  kind = "",
  byEndpoint: readonly EndpointResult[] = [],
): RunResult["thresholds"] {
  const limits = new Set(searchLimits.map(({ expression }) => expression));
  const lost = operations.reduce((sum, { counters }) => sum + (counters.lostWatchers ?? 0), 0);
  const requests = new Set(kind === "" ? [] : requestSeries(operations, kind));
  return thresholds.map((threshold) => {
    const { expression, series } = threshold;
    const concerned =
      series === null
        ? ofLoad(threshold, offeredOperations(operations), kind)
        : [
            ...operations.filter(({ name }) => isHeldAgainst(threshold, name, kind)),
            ...byEndpoint.filter((each) =>
              endpointSeriesNames(each).some((name) => isHeldAgainst(threshold, name, kind)),
            ),
          ];
    const all = concerned.map((operation) => {
      // Events, which a watcher that is lost does not wait for.
      const isEffect = lost > 0 && !requests.has(operation as OperationResult);
      return judgeOperation(threshold, operation, isEffect ? lost : 0);
    });
    const rare = all.filter(({ isRare }) => isRare);
    const sparesRare = limits.has(expression) && series === null;
    if (!sparesRare) return resultOf(threshold, all, rare);
    const judged = all.filter(({ isRare }) => !isRare);
    const isOpen = judged.some(({ outcome }) => outcome === "undecided");
    return resultOf(threshold, judged, isOpen ? [] : rare);
  });
}

/** A part of the load, such as the puts of a mix, has its own latency, but only a share of the rate. */
function ofLoad(
  { metric }: Threshold,
  offered: readonly OperationResult[],
  kind: string,
): readonly OperationResult[] {
  if (metric !== "qps" || kind === "") return offered;
  const names = offered.map(({ name }) => name);
  const whole = offered.filter(({ name }) => isPrimary(name, kind, names));
  return whole.length === 0 ? offered : whole;
}

function resultOf(
  threshold: Threshold,
  judged: readonly Judged[],
  rare: readonly Judged[],
): ThresholdResult {
  const isUpper = threshold.comparison.startsWith("<");
  const worst = isUpper ? Math.max : Math.min;
  const bounds =
    judged.length === 0
      ? UNKNOWN
      : {
          least: worst(...judged.map((each) => each.bounds.least)),
          most: worst(...judged.map((each) => each.bounds.most)),
        };
  const outcome = judged.length === 0 ? "undecided" : outcomeOf(threshold, bounds);
  const isKnown = bounds.least === bounds.most;
  return {
    expression: threshold.expression,
    actual: isKnown ? bounds.least : null,
    passed: outcome === "held",
    outcome,
    atLeast: isKnown ? null : finite(bounds.least),
    atMost: isKnown ? null : finite(bounds.most),
    clock: clockOf(threshold.metric, judged, bounds),
    reason: outcome === "undecided" ? whyUndecided(threshold, judged, rare) : null,
    tooFewSamples: rare.map(({ operation }) => ({
      operation: operation.name,
      samples: samplesOf(judgedLatency(operation)),
    })),
  };
}

/** Of the operations whose figures are the worst; null: some are on either clock, or it is no latency. */
function clockOf(
  metric: Threshold["metric"],
  judged: readonly Judged[],
  worst: Bounds,
): Clock | null {
  if (!isLatencyMetric(metric)) return null;
  const makes = ({ bounds }: Judged) => bounds.least === worst.least || bounds.most === worst.most;
  const clocks = new Set(judged.filter(makes).map(({ operation }) => judgedClock(operation)));
  const [clock = null] = clocks;
  return clocks.size > 1 ? null : clock;
}

function judgeOperation(
  threshold: Threshold,
  operation: OperationResult,
  lostWatchers: number,
): Judged {
  const found = boundsOf(threshold.metric, operation);
  const isOpenAbove = lostWatchers > 0 && isLatencyMetric(threshold.metric);
  const bounds = isOpenAbove ? { ...found, most: UNKNOWN.most } : found;
  const outcome = outcomeOf(threshold, bounds);
  const percentile = percentileOf(threshold.metric);
  const latency = judgedLatency(operation);
  const isRare =
    outcome === "undecided" &&
    percentile !== null &&
    !carriesPercentile(samplesOf(latency), percentile) &&
    !isDecidedByAnswered(threshold, percentile, latency);
  return { operation, bounds, outcome, isRare, lostWatchers };
}

/** Whether only the requests without a latency leave open what the others prove, if there are any. */
function isDecidedByAnswered(threshold: Threshold, percentile: number, latency: Latency): boolean {
  const { count, histogram, missing } = latency;
  if (missing === null) return false;
  if (count === 0) return true;
  const maxMs = histogram === null ? null : histogramMaxMs(histogram);
  const answered = { ...latency, maxMs, missing: null };
  const bounds = {
    least: leastOfPercentile(percentile, answered),
    most: mostOfPercentile(percentile, answered),
  };
  return outcomeOf(threshold, bounds) !== "undecided";
}

function outcomeOf(threshold: Threshold, { least, most }: Bounds): ThresholdOutcome {
  const [best, worst] = threshold.comparison.startsWith("<") ? [least, most] : [most, least];
  if (holds(threshold, worst)) return "held";
  return holds(threshold, best) ? "undecided" : "broken";
}

function holds({ comparison, bound }: Threshold, value: number): boolean {
  switch (comparison) {
    case "<":
      return value < bound;
    case "<=":
      return value <= bound;
    case ">":
      return value > bound;
    case ">=":
      return value >= bound;
  }
}

function whyUndecided(
  { metric }: Threshold,
  judged: readonly Judged[],
  rare: readonly Judged[],
): string {
  const open = judged.filter(({ outcome }) => outcome === "undecided");
  const percentile = percentileOf(metric);
  const reasons = [...new Set([...open, ...rare])].map(({ operation, isRare, lostWatchers }) => {
    const { missing } = judgedLatency(operation);
    const dropped = perhapsDropped(operation);
    if (dropped > 0) {
      return `${formatNoun(dropped, "request")} that were never sent may have been of ${operation.name}`;
    }
    const { unreported = 0 } = operation.requests;
    if (unreported > 0) {
      return `whether ${formatNoun(unreported, "request")} on lost agents were of ${operation.name}, and had an answer, is not known`;
    }
    if (lostWatchers > 0 && isLatencyMetric(metric)) {
      return `${formatNoun(lostWatchers, "watcher was", "watchers were")} lost, whose later events are in no figure of ${operation.name}`;
    }
    if (isRare) {
      const [needed, samples] = [
        samplesForPercentile(percentile!),
        samplesOf(judgedLatency(operation)),
      ].map(formatCount);
      return `${metricName(metric)} needs ${needed} samples, ${operation.name} has ${samples}`;
    }
    if (missing !== null) {
      const requests = missing.count === 1 ? "request has" : "requests have";
      return `${missing.count} ${operation.name} ${requests} no latency, which could be on either side of the limit`;
    }
    return `${operation.name} has no such figure`;
  });
  return reasons.length === 0 ? "nothing was measured of it" : reasons.join("; ");
}

function finite(bound: number): number | null {
  return Number.isFinite(bound) ? bound : null;
}
