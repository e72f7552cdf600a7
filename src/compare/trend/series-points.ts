/**
 * Makes the points of a trend: saved comparisons, and results that are grouped by label, session,
 * folder or day, and compared here. The label `side` of a run says which arm it belongs to.
 */
import { BenchError } from "../../errors.ts";
import type { RunResult } from "../../result/schema.ts";
import { type CompareOptions, compareRuns } from "../compare.ts";
import type { Comparison } from "../schema.ts";

/** A comparison in a trend, and the name of its point. Each figure becomes a TrendPoint. */
export interface SeriesPoint {
  /** As it is shown: the label `night`, else the day (UTC). */
  name: string;
  comparison: Comparison;
}

/** A result and the folder below the series' own that it lies in; null where in none. */
export interface SeriesResult {
  result: RunResult;
  folder: string | null;
}

export type LeftOut = { what: string; reason: string }[];

/** Of the label `side`: those of bench ab, and the words that people use. */
const REFERENCE_SIDES = ["a", "base", "reference"];
const HEAD_SIDES = ["b", "head"];

/**
 * Results of one point share a label `night`, else one `session` (of bench ab), else the folder that
 * they lie in, else the day. Results that a given comparison already includes are ignored.
 */
export function seriesPointsOf(
  comparisons: readonly Comparison[],
  results: readonly SeriesResult[],
  options: Pick<CompareOptions, "gates" | "leastEffects">,
): { points: SeriesPoint[]; leftOut: LeftOut } {
  const leftOut: LeftOut = [];
  const points = comparisons.map((comparison): SeriesPoint => {
    const { labels, head, startedAt } = comparison;
    return { name: labels.night ?? head.labels.night ?? dayOf(startedAt), comparison };
  });
  const compared = new Set(
    comparisons.flatMap(({ base, head }) => [...base.resultIds, ...head.resultIds]),
  );
  const uncompared = results.filter(({ result }) => !compared.has(result.id));
  for (const isCanary of [false, true]) {
    const some = uncompared.filter(({ result }) => isOfCanary(result) === isCanary);
    for (const [key, runs] of grouped(some)) {
      const point = pointOfResults(key, runs, { ...options, isCanary });
      const what = describe(isCanary ? `the canary of ${key}` : key, runs.length);
      if ("reason" in point) leftOut.push({ what, reason: point.reason });
      else points.push(point);
    }
  }
  points.sort((one, other) => one.comparison.startedAt.localeCompare(other.comparison.startedAt));
  return { points, leftOut };
}

/** As bench ab has marked it. */
function isOfCanary({ plan }: RunResult): boolean {
  return plan.labels.canary === "true";
}

function grouped(results: readonly SeriesResult[]): Map<string, RunResult[]> {
  const groups = new Map<string, RunResult[]>();
  for (const { result, folder } of results) {
    const { night, session } = result.plan.labels;
    const key = night ?? session ?? folder ?? dayOf(result.startedAt);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return groups;
}

function pointOfResults(
  key: string,
  runs: readonly RunResult[],
  options: Pick<CompareOptions, "gates" | "leastEffects" | "isCanary">,
): SeriesPoint | { reason: string } {
  const of = (sides: readonly string[]) =>
    runs.filter(({ plan }) => sides.includes(plan.labels.side ?? ""));
  const [base, head] = [of(REFERENCE_SIDES), of(HEAD_SIDES)];
  if (base.length === 0)
    return { reason: "no run of the reference (--label=side=reference, base or a)" };
  if (head.length === 0) return { reason: "no run of the head (--label=side=head or b)" };
  try {
    const comparison = compareRuns(base, head, {
      ...options,
      baseLabel: `reference of ${key}`,
      headLabel: `head of ${key}`,
    });
    const name = runs[0]!.plan.labels.night ?? dayOf(comparison.startedAt);
    return { name, comparison };
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    return { reason: cause.message };
  }
}

function describe(key: string, runs: number): string {
  return `${runs} ${runs === 1 ? "result" : "results"} of ${key}`;
}

/** `2026-08-01`. */
export function dayOf(startedAt: string): string {
  return startedAt.slice(0, 10);
}
