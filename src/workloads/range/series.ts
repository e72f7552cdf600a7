/** The names of the series of ranges. */
import { seriesHandles } from "../../load/series-handles.ts";
import type { Consistency } from "../parts/consistency.ts";
import type { RangeWorkload } from "./schema.ts";

const PAGE = "-page";

const HANDLES = seriesHandles("whole", "page");

export const RANGE_NUMBERS = HANDLES.numbers;

/** The whole range, and where it is read in pages each of them. */
export function rangeSeries({ fetch }: RangeWorkload, consistency: Consistency): string[] {
  const whole = rangesAt(consistency);
  return HANDLES.names({ whole, page: fetch === "pages" ? `${whole}${PAGE}` : null });
}

export function rangesAt(consistency: Consistency): string {
  return `range-${consistency}`;
}

export function isPageSeries(series: string): boolean {
  return series.endsWith(PAGE);
}
