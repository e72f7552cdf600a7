/** Writes the metrics of a run that goes on as OpenMetrics text, with histograms of fixed buckets. */
import { type Family, openmetricsText, type Sample } from "../report/openmetrics-text.ts";
import { classicBuckets } from "./classic-buckets.ts";
import type { HistogramFamily, MetricFamily } from "./metric-family.ts";

export const OPENMETRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

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
    ...classicBuckets(value).map(({ le, count }) => ({
      ...{ suffix: "_bucket", labels: { ...labels, le }, value: count },
    })),
    { suffix: "_count", labels, value: value.count },
    { suffix: "_sum", labels, value: value.sumSeconds },
  ]);
}
