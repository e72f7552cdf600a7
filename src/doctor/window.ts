/**
 * What counters and histograms of a member rose by over the window, and what coarse buckets prove of a
 * percentile: its bucket, and never a place within it.
 */
import type { MetricsPage, WantedLabels } from "../etcd/metrics-page.ts";
import { provingSamples } from "../stats/order-bound.ts";
import type { MemberEvidence } from "./evidence.ts";

/** What lies between two pages of a member, or all that one page has since the process started. */
export interface Span {
  /** Null: from the start of the process. */
  first: MetricsPage | null;
  last: MetricsPage;
  /** Null where it is not known. */
  seconds: number | null;
}

/** A cumulative histogram of what was observed in a span. */
export interface Rise {
  /** Ascending; the last is Infinity. */
  bounds: readonly number[];
  /** `counts[i]` observations were at most `bounds[i]`. */
  counts: readonly number[];
  total: number;
  /** Of all that was observed; null where the page has none. */
  sum: number | null;
}

/** Null where no page of the member was read. */
export function spanOf({ first, last, seconds }: MemberEvidence): Span | null {
  if (last !== null && first !== null) {
    const isRestarted = startOf(first) !== startOf(last);
    return { first: isRestarted ? null : first, last, seconds };
  }
  const only = last ?? first;
  return only === null ? null : { first: null, last: only, seconds: null };
}

/** Whether the process of the member is another one at the end of the window. */
export function isRestarted({ first, last }: MemberEvidence): boolean {
  return first !== null && last !== null && startOf(first) !== startOf(last);
}

function startOf(page: MetricsPage): number | null {
  return page.value("process_start_time_seconds");
}

/** Of a counter, or of those that match; null where the page has none. */
export function riseOf(span: Span, name: string, wanted: WantedLabels = {}): number | null {
  const after = span.last.value(name, wanted);
  if (after === null) return null;
  // A series appears with its first event, so one that was not there yet was 0.
  const before = span.first?.value(name, wanted) ?? 0;
  return after < before ? after : after - before;
}

/** Of a histogram, or the sum of those that match; null where the page has none, or an odd one. */
export function riseOfHistogram(span: Span, name: string, wanted: WantedLabels = {}): Rise | null {
  const after = span.last.histogram(name, wanted);
  if (after === null) return null;
  const { bounds } = after;
  const before = span.first?.histogram(name, wanted) ?? null;
  const all: Rise = { bounds, counts: after.counts, total: after.counts.at(-1)!, sum: after.sum };
  if (before === null || before.counts.at(-1)! > all.total) return all;
  if (!sameNumbers(before.bounds, bounds)) return null;
  const counts = after.counts.map((count, at) => count - before.counts[at]!);
  if (counts.some((count, at) => count < (counts[at - 1] ?? 0))) return null;
  const sum = after.sum === null || before.sum === null ? null : after.sum - before.sum;
  return { bounds, counts, total: counts.at(-1)!, sum };
}

/** Null where nothing was observed, or the page has no sum. */
export function meanOf({ sum, total }: Rise): number | null {
  return sum === null || total <= 0 || !Number.isFinite(sum) ? null : sum / total;
}

/** The bucket of a quantile. */
export interface Range {
  /** Exclusive; 0 for the first bucket. */
  above: number;
  /** Inclusive; Infinity: nothing says how large it is. */
  atMost: number;
}

/** Null where nothing was observed. @param quantile 0 to 1 */
export function quantileRange({ bounds, counts, total }: Rise, quantile: number): Range | null {
  if (total <= 0) return null;
  // No page of etcd has a part of an observation, and an odd one may.
  const rank = Math.min(total, Math.max(1, Math.ceil(quantile * total * (1 - 2 * Number.EPSILON))));
  const at = counts.findIndex((count) => count >= rank);
  return { above: at === 0 ? 0 : bounds[at - 1]!, atMost: bounds[at]! };
}

/** How many were above the limit: the limit may lie within a bucket. */
export function countAbove(
  { bounds, counts, total }: Rise,
  limit: number,
): {
  least: number;
  most: number;
} {
  const ceiling = bounds.findIndex((bound) => bound >= limit);
  const floor = bounds.findLastIndex((bound) => bound <= limit);
  return {
    least: total - counts[ceiling]!,
    most: total - (floor < 0 ? 0 : counts[floor]!),
  };
}

/**
 * What the buckets say of "a quantile is at most the limit". `above`: so many are surely above that
 * chance does not explain it. `below`: even with the whole bucket of the limit counted, they are not
 * too many. `undecided`: it depends on where in that bucket they are. Null: nothing was observed.
 */
export function judgeQuantile(
  rise: Rise,
  quantile: number,
  limit: number,
): "above" | "below" | "undecided" | null {
  if (rise.total <= 0) return null;
  const proving = provingCount(Math.round(rise.total), 1 - quantile);
  const { least, most } = countAbove(rise, limit);
  if (proving === null || most < proving) return "below";
  return least >= proving ? "above" : "undecided";
}

/** Up to so many the chance is summed exactly, which takes a step for each. */
const MOST_EXACT = 20_000;
/** Of the normal distribution, for one in a thousand. */
const ONE_IN_A_THOUSAND = 3.09;

/** The fewest above a limit that prove that more than `share` of all are; null: all prove nothing. */
function provingCount(total: number, share: number): number | null {
  if (total <= MOST_EXACT) return provingSamples(total, share);
  const expected = total * share;
  return Math.ceil(expected + ONE_IN_A_THOUSAND * Math.sqrt(expected * (1 - share)));
}

function sameNumbers(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}
