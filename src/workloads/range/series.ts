/** The names of the series of ranges. */
import type { Consistency } from "../parts/consistency.ts";
import type { RangeWorkload } from "./schema.ts";

const PAGE = "-page";

/** The whole range, and where it is read in pages each of them. */
export function rangeSeries({ fetch }: RangeWorkload, consistency: Consistency): string[] {
  const name = rangesAt(consistency);
  return fetch === "pages" ? [name, `${name}${PAGE}`] : [name];
}

export function rangesAt(consistency: Consistency): string {
  return `range-${consistency}`;
}

export function isPageSeries(series: string): boolean {
  return series.endsWith(PAGE);
}
