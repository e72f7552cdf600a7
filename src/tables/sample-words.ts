/** Words the note on percentiles that have too few samples. */

import { metricName, percentileOf } from "../flags/threshold.ts";
import { samplesForPercentile } from "../percentile-samples.ts";
import type { Threshold } from "../plan/schema.ts";
import type { RunResult } from "../result/schema.ts";
import { printable } from "../text/visible.ts";
import { formatCount } from "./number-format.ts";

type TooFew = RunResult["thresholds"][number]["tooFewSamples"];

/** `40 of the 1,000 samples that p99 needs`. */
export function describeNeed({ metric }: Threshold, samples: number): string {
  return `${formatCount(samples)} of the ${needed(metric)} samples that ${metricName(metric)} needs`;
}

/** `p99 needs 1,000 samples, put has 40`, or nothing where none has too few. */
export function describeTooFew({ metric }: Threshold, tooFew: TooFew): string[] {
  if (tooFew.length === 0) return [];
  const each = tooFew.map(
    ({ operation, samples }) => `${printable(operation)} has ${formatCount(samples)}`,
  );
  return [`${metricName(metric)} needs ${needed(metric)} samples, ${each.join(", ")}`];
}

function needed(metric: Threshold["metric"]): string {
  const percentile = percentileOf(metric);
  return formatCount(percentile === null ? null : samplesForPercentile(percentile));
}
