/**
 * Renders `--output hlog`: HdrHistogram's log, version 1.3, in which each operation of a run is one
 * interval over its measured phase. Histograms are of nanoseconds; the maximum next to them is in
 * milliseconds.
 */

import type { RunResult } from "../result/schema.ts";
import { histogramMaxMs } from "../stats/percentile-text.ts";
import { distributionsOf, distributionTag, missingText } from "./distributions.ts";
import type { ReportFormat } from "./format.ts";

export const hlogFormat: ReportFormat = {
  name: "hlog",
  render(results) {
    const firstSeconds = Math.min(...results.map(measuredFrom));
    const started = firstSeconds.toFixed(3);
    const at = new Date(firstSeconds * 1000).toISOString();
    const lines = distributionsOf(results).flatMap((each) => {
      const { result, operation, latency, histogram } = each;
      const tag = distributionTag(each, results.length > 1);
      const start = (measuredFrom(result) - firstSeconds).toFixed(3);
      const duration = operation.durationSeconds.toFixed(3);
      const missing = missingText(each);
      // The slowest request of the histogram, also where a missing one may have been slower.
      const maxMs = latency.maxMs ?? histogramMaxMs(histogram);
      return [
        ...(missing === null ? [] : [`#[${tag}: ${missing}]`]),
        `Tag=${tag},${start},${duration},${maxMs.toFixed(3)},${histogram}`,
      ];
    });
    return `${[
      "#[Histogram log format version 1.3]",
      `#[StartTime: ${started} (seconds since epoch), ${at}]`,
      '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
      ...lines,
    ].join("\n")}\n`;
  },
};

function measuredFrom({ measuredAt, startedAt }: RunResult): number {
  return Date.parse(measuredAt ?? startedAt) / 1000;
}
