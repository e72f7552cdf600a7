/** Sums a stored histogram in a few bins with round bounds, as a chart in a terminal draws it. */
import { filledBuckets, lowestOf } from "./filled-buckets.ts";
import { checkedHistogramBytes } from "./histogram.ts";

const NS_PER_MS = 1e6;
/** What took no time, as a read that is not behind, is recorded as the lowest value that histograms have. */
const NO_TIME_BUCKET = 1;

/** Bounds within a factor of ten, from fine to coarse. */
const LADDERS: readonly (readonly number[])[] = [
  Array.from({ length: 90 }, (_, step) => (10 + step) / 10),
  [
    1, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2, 2.2, 2.4, 2.7, 3, 3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2,
    6.8, 7.5, 8.2, 9.1,
  ],
  [1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2],
  [1, 1.5, 2, 3, 5, 7],
  [1, 2, 5],
  [1, 3],
  [1],
];

export interface LatencyBin {
  fromMs: number;
  toMs: number;
  /** Requests that took at least `fromMs` and less than `toMs`. */
  count: number;
}

/**
 * At most `most` bins, or one for each power of ten and for 0, that follow each other without a gap; the
 * first and the last are not empty. Latencies of 0 have a bin of their own, from 0 on. Throws an Error that
 * says what is wrong with the text.
 * @param text HdrHistogram V2, compressed, base64; of nanoseconds
 */
export function latencyBins(text: string, most: number): LatencyBin[] {
  const all = filledBuckets(checkedHistogramBytes(text));
  const zeros = all
    .filter(({ bucket }) => bucket <= NO_TIME_BUCKET)
    .reduce((sum, { count }) => sum + count, 0);
  const filled = all
    .filter(({ bucket }) => bucket > NO_TIME_BUCKET)
    .map(({ bucket, count }) => ({ ms: middleOf(bucket), count }));
  const [first, last] = [filled[0], filled.at(-1)];
  if (first === undefined || last === undefined) {
    return zeros === 0 ? [] : [{ fromMs: 0, toMs: 1 / NS_PER_MS, count: zeros }];
  }
  const bins = binsBetween(first.ms, last.ms, zeros > 0 ? most - 1 : most);
  if (zeros > 0) bins.unshift({ fromMs: 0, toMs: bins[0]!.fromMs, count: zeros });
  let at = 0;
  for (const { ms, count } of filled) {
    while (ms >= bins[at]!.toMs) at++;
    bins[at]!.count += count;
  }
  return bins;
}

/** Rounded to the digits that the histogram keeps, so that 1 ms, whose bucket begins below it, is 1 ms. */
function middleOf(bucket: number): number {
  const ns = (lowestOf(bucket) + lowestOf(bucket + 1)) / 2;
  return Number(ns.toPrecision(3)) / NS_PER_MS;
}

function binsBetween(leastMs: number, mostMs: number, most: number): LatencyBin[] {
  const least = Math.max(leastMs, 1 / NS_PER_MS);
  const all = LADDERS.map((ladder) => boundsBetween(least, Math.max(mostMs, least), ladder));
  const bounds = all.find(({ length }) => length - 1 <= most) ?? all.at(-1)!;
  return bounds.slice(1).map((toMs, at) => ({ fromMs: bounds[at]!, toMs, count: 0 }));
}

/** The last bound at or below the least, all above, and the first one above the most. */
function boundsBetween(leastMs: number, mostMs: number, ladder: readonly number[]): number[] {
  const bounds: number[] = [];
  const from = Math.floor(Math.log10(leastMs)) - 1;
  for (let power = from; (bounds.at(-1) ?? 0) <= mostMs; power++) {
    for (const step of ladder) {
      // Of both factors the digits are few: a product of floating point has more.
      const bound = Number(`${step}e${power}`);
      if (bound <= leastMs) bounds[0] = bound;
      else if ((bounds.at(-1) ?? 0) <= mostMs) bounds.push(bound);
    }
  }
  return bounds;
}
