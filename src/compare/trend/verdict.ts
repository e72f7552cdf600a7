/** Judges a trend: a change for the worse, too few points, a figure that the newest point lacks, or quiet. */
import { METRIC_WORDS } from "../metric-words.ts";
import type { TrendGap, TrendSegment, TrendSeries } from "./schema.ts";
import type { SeriesPoint } from "./series-points.ts";

/** With fewer points hardly any change can be told from chance at p of 0.001. */
const LEAST_POINTS = 16;

/** Counts that must be 0 have no level: one in the newest head and none in its reference is an alarm. */
export function neverIn({ comparison: { cells } }: SeriesPoint): string[] {
  return cells.flatMap(({ metrics }) =>
    metrics
      .filter(({ unit, isGate, verdict }) => unit === "count" && isGate && verdict === "slower")
      .map(({ metric, head }) => `${metric} is ${head} in the newest point`),
  );
}

export function verdictOf(
  segments: readonly TrendSegment[],
  series: readonly TrendSeries[],
  gaps: readonly TrendGap[],
  never: readonly string[],
) {
  const alarms = series.filter(({ alarm }) => alarm !== null);
  if (alarms.length + never.length > 0) {
    const isOnlyLoad = new Set(series.map(({ cell }) => cell)).size === 1;
    const reasons = alarms.map((each) => {
      return isOnlyLoad ? alarmSentence(each) : `${each.cell}: ${alarmSentence(each)}`;
    });
    return { kind: "alarm" as const, reasons: [...never, ...reasons] };
  }
  const { nights: points } = segments.find(({ isNewest }) => isNewest)!;
  if (points < LEAST_POINTS) {
    const reason = `${points} ${points === 1 ? "point" : "points"} of this host and reference; ${LEAST_POINTS} are needed to tell a change from chance`;
    return { kind: "too-few" as const, reasons: [reason] };
  }
  const open = gaps.filter(
    ({ segment, isGate, isNewest }) => isGate && isNewest && segments[segment]!.isNewest,
  );
  if (open.length > 0) {
    const isOnlyLoad = new Set(series.map(({ cell }) => cell)).size === 1;
    const reasons = open.map((gap) => {
      const what =
        gap.reason ?? `the newest point has no ${METRIC_WORDS[gap.metric]} of ${gap.operation}`;
      return isOnlyLoad ? what : `${gap.cell}: ${what}`;
    });
    return { kind: "undecided" as const, reasons };
  }
  return { kind: "quiet" as const, reasons: [] };
}

/** `put p99 is 12.3% above its best level since 2026-08-01 (4f2a9c1)`. */
function alarmSentence({ operation, metric, alarm, points }: TrendSeries): string {
  const { effect, at } = alarm!;
  const percent = Math.abs((effect - 1) * 100).toFixed(1);
  const { night: name, commit } = points[at]!;
  const since = commit === null ? name : `${name} (${commit})`;
  return `${operation} ${metric} is ${percent}% ${effect > 1 ? "above" : "below"} its best level since ${since}`;
}
