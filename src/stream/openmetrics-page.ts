/** Writes the metrics of a run that goes on as OpenMetrics text, with histograms of fixed buckets. */
import { type Family, openmetricsText, type Sample } from "../report/openmetrics-text.ts";
import { SCALE } from "../stats/exponential-histogram.ts";
import type { Distribution, HistogramFamily, Labels, MetricFamily } from "./metric-family.ts";

export const OPENMETRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** Four bounds for each power of two, from 2^-13 s (0.12 ms) to 2^5 s. */
const BOUNDS_PER_POWER = 4;
const LEAST_POWER = -13;
const MOST_POWER = 5;
const INDICES_PER_BOUND = 2 ** SCALE / BOUNDS_PER_POWER;
const BOUNDS = Array.from(
  { length: (MOST_POWER - LEAST_POWER) * BOUNDS_PER_POWER + 1 },
  (_, at) => {
    const power = LEAST_POWER * BOUNDS_PER_POWER + at;
    return { index: power * INDICES_PER_BOUND, le: shortText(2 ** (power / BOUNDS_PER_POWER)) };
  },
);

export function openmetricsPage(families: readonly MetricFamily[]): string {
  return openmetricsText(families.map(familyOf));
}

function familyOf(family: MetricFamily): Family {
  const { name, help, unit } = family;
  const described = { help, ...(unit !== undefined && { unit }) };
  if (family.type === "histogram")
    return { name, type: "histogram", ...described, samples: bucketsOf(family) };
  const isCounter = family.type === "counter";
  const suffix = isCounter ? "_total" : "";
  return {
    name: isCounter ? name.slice(0, -suffix.length) : name,
    type: family.type,
    ...described,
    samples: family.samples.map(({ labels, value }) => ({ suffix, labels, value })),
  };
}

function bucketsOf({ samples }: HistogramFamily): Sample[] {
  return samples.flatMap(({ labels, value }) => [
    ...cumulative(labels, value),
    { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: value.count },
    { suffix: "_count", labels, value: value.count },
    { suffix: "_sum", labels, value: value.sumSeconds },
  ]);
}

/** The same bounds each time, since a query adds buckets up over time. */
function cumulative(labels: Labels, { buckets }: Distribution): Sample[] {
  let at = 0;
  let below = 0;
  return BOUNDS.map(({ index, le }) => {
    for (; at < buckets.length && buckets[at]!.index <= index; at++) below += buckets[at]!.count;
    return { suffix: "_bucket", labels: { ...labels, le }, value: below };
  });
}

/** Canonical, as OpenMetrics asks: a whole number has `.0`. */
function shortText(seconds: number): string {
  const text = String(Number(seconds.toPrecision(6)));
  return /^\d+$/.test(text) ? `${text}.0` : text;
}
