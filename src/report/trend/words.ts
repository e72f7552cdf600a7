/** Words the parts of a trend, the same in every format. */
import type {
  Trend,
  TrendChange,
  TrendPoint,
  TrendSegment,
  TrendSeries,
} from "../../compare/trend/schema.ts";
import { ABSENT } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
import { directionWords, metricWords, pValueText, ratioText } from "../comparison/words.ts";

/** A line of the list of changes. */
export interface ChangeRow {
  series: TrendSeries;
  change: TrendChange;
}

/** In the order of time, within each segment; suspected ones among the proven. */
export function changeRows({ series }: Trend): ChangeRow[] {
  const startedAt = ({ series: { points }, change }: ChangeRow) => points[change.at]!.startedAt;
  return series
    .flatMap((each) => each.changes.map((change) => ({ series: each, change })))
    .sort(
      (a, b) => a.series.segment - b.series.segment || startedAt(a).localeCompare(startedAt(b)),
    );
}

/** `Trend of nightly: 60 points, 2026-06-01 to 2026-07-30`. */
export function titleOf({ source, nights: points, startedAt, endedAt }: Trend): string {
  const days = `${startedAt.slice(0, 10)} to ${endedAt.slice(0, 10)}`;
  return `Trend of ${source}: ${formatNoun(points, "point")}, ${days}`;
}

export function segmentText(segment: TrendSegment): string {
  const { firstNight: first, lastNight: last, nights: points, reference, host } = segment;
  return `${first} to ${last}, ${formatNoun(points, "point")}, against ${reference}, on ${host}`;
}

/** The field `night`, a name that saved trends keep. */
export function pointName({ night }: TrendPoint): string {
  return night;
}

/** `[2]`, where there are several. */
export function segmentLabel({ segments }: Trend, segment: number): string {
  return segments.length === 1 ? "" : `[${segment + 1}]`;
}

/** `p99 *`, of a gate. */
export function seriesMetric(series: TrendSeries): string {
  return `${metricWords(series)}${series.isGate ? " *" : ""}`;
}

/** The first point after the change. */
export function changedPointText({ series, change }: ChangeRow): string {
  return pointName(series.points[change.at]!);
}

export function commitText({ series, change }: ChangeRow): string {
  return series.points[change.at]!.commit ?? ABSENT;
}

/** `+12.3% slower`. */
export function sizeText({ series: { metric }, change: { effect, direction } }: ChangeRow): string {
  return `${signedPercent(effect)} ${directionWords(metric, direction)}`;
}

/** The points between which the change lies with a likelihood of 95%. */
export function withinText({ series: { points }, change: { earliest, latest } }: ChangeRow) {
  const [from, to] = [pointName(points[earliest]!), pointName(points[latest]!)];
  return from === to ? from : `${from} to ${to}`;
}

/** `0.0010`; `0.0070 (watch)` for a change that is only worth watching. */
export function proofText({ change: { pValue, isReported } }: ChangeRow): string {
  return isReported ? pValueText(pValue) : `${pValueText(pValue)} (watch)`;
}

/** Head over reference, as it is now. */
export function levelText({ levels }: TrendSeries): string {
  return ratioText(levels.at(-1)!.ratio);
}

export function alarmText({ alarm }: TrendSeries): string {
  return alarm === null ? "" : `ALARM: ${signedPercent(alarm.effect)} against its best`;
}

export function outliersText({ points }: TrendSeries): string {
  const outliers = points.filter(({ isOutlier }) => isOutlier).map(pointName);
  return outliers.length === 0 ? ABSENT : outliers.join(", ");
}

export function verdictLine({ verdict: { kind, reasons } }: Trend): string {
  const tail = reasons.length === 0 ? "" : `: ${reasons.join("; ")}`;
  switch (kind) {
    case "alarm":
      return `alarm${tail}`;
    case "too-few":
      return `too few points${tail}`;
    case "undecided":
      return `undecided${tail}`;
    case "quiet":
      return "no gate is worse than at its best";
  }
}

/** Why a metric named as a gate is none, what was left out, and the trend's notes. */
export function remarks({ series, segments, leftOut, notes }: Trend): string[] {
  const ungated = series
    .filter(({ reason, segment }) => reason !== null && segments[segment]!.isNewest)
    .map(({ operation, metric, reason }) => `${operation} ${metric} is no gate here: ${reason}.`);
  const left = leftOut.map(({ what, reason }) => `Left out: ${what}: ${reason}.`);
  return [...ungated, ...left, ...notes];
}

function signedPercent(ratio: number): string {
  const percent = (ratio - 1) * 100;
  return `${percent < 0 ? "-" : "+"}${Math.abs(percent).toFixed(1)}%`;
}
