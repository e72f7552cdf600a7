/** Defines the metrics of a run that goes on, for each of the forms in which they are streamed. */
import type { ExponentialBucket } from "../stats/exponential-histogram.ts";

export type Labels = Readonly<Record<string, string>>;

interface Described {
  /** As a query names it: a counter ends in `_total`, and a unit is a part of it. */
  readonly name: string;
  readonly help: string;
  readonly unit?: "seconds" | "ratio";
}

export interface NumberFamily extends Described {
  readonly type: "counter" | "gauge";
  readonly samples: readonly { readonly labels: Labels; readonly value: number }[];
}

export interface HistogramFamily extends Described {
  readonly type: "histogram";
  readonly unit: "seconds";
  readonly samples: readonly { readonly labels: Labels; readonly value: Distribution }[];
}

export type MetricFamily = NumberFamily | HistogramFamily;

/** Cumulative over the run. */
export interface Distribution {
  readonly count: number;
  readonly sumSeconds: number;
  /** Of the scale of `ExponentialHistogram`. */
  readonly buckets: readonly ExponentialBucket[];
}
