/**
 * Bounds a percentile from below by order statistics: even where too few samples lie beyond a
 * percentile for a figure, many slow ones prove that it is not small.
 */
import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import { NS_PER_MS } from "./latency.ts";

/** The bound is above the true percentile in fewer than one run of so many. */
const ONE_IN = 1000;
const COUNT_BITS = 64;
/** Above the mean of a binomial distribution: the chance of more is below 1e-20. */
const FAR_DEVIATIONS = 12;
const FAR_SAMPLES = 60;
/** Of its value, at most. */
const BUCKET_WIDTH = 1 / 1024;
const STIRLING_FROM = 20;

/**
 * The largest sample that the percentile of what is measured surely reaches, in ms; null where the
 * samples prove nothing. The samples are those of all `histograms` together.
 * @param percentile in [0, 100)
 * @param histograms HdrHistogram V2, compressed, base64; of nanoseconds
 */
export function percentileAtLeastMs(
  percentile: number,
  histograms: readonly string[],
): number | null {
  if (histograms.length === 0) return null;
  // Read without WebAssembly, which a pure function cannot wait for.
  const [all, ...others] = histograms.map((text) =>
    decodeFromCompressedBase64(text, COUNT_BITS, false),
  );
  for (const other of others) all!.add(other);
  const count = all!.totalCount;
  const beyond = provingSamples(count, 1 - percentile / 100);
  if (beyond === null) return null;
  // So many samples are as large as this one or larger; half a rank keeps clear of rounding.
  const rank = count - beyond + 1;
  const endOfBucketNs = all!.getValueAtPercentile((100 * (rank - 0.5)) / count);
  return (endOfBucketNs * (1 - BUCKET_WIDTH)) / NS_PER_MS;
}

/**
 * The fewest of `count` samples beyond a value that prove that more than `share` of all lie beyond
 * it: by chance so many do in fewer than one of a thousand. Null where even all prove nothing.
 */
export function provingSamples(count: number, share: number): number | null {
  // P(Binomial(count, share) >= k), summed from above; of many samples not from all of them, since more
  // than so many lie beyond by no chance that counts, and a run of days has billions.
  const mean = count * share;
  const most = Math.min(count, Math.ceil(mean + FAR_DEVIATIONS * Math.sqrt(mean) + FAR_SAMPLES));
  let tail = 0;
  let proving: number | null = null;
  let logChance = logBinomial(count, most) + most * Math.log(share);
  if (most < count) logChance += (count - most) * Math.log1p(-share);
  const logOdds = Math.log1p(-share) - Math.log(share);
  for (let k = most; k >= 1; k--) {
    tail += Math.exp(logChance);
    if (tail > 1 / ONE_IN) break;
    proving = k;
    logChance += Math.log(k) - Math.log(count - k + 1) + logOdds;
  }
  return proving;
}

/** The logarithm of the ways to choose `some` of `all`. */
function logBinomial(all: number, some: number): number {
  if (some === all) return 0;
  return logFactorial(all) - logFactorial(some) - logFactorial(all - some);
}

function logFactorial(n: number): number {
  if (n < STIRLING_FROM) {
    let sum = 0;
    for (let each = 2; each <= n; each++) sum += Math.log(each);
    return sum;
  }
  // Stirling's series, which is off by less than 1e-9 from here on.
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3);
}
