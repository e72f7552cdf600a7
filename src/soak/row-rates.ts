/** The rates of a soak's rows; apart from their schema, which reports do not load. */
import type { SoakRow, SoakRowSeries } from "./row-schema.ts";

/** How much of the row the series was offered for. */
export function secondsOf(series: SoakRowSeries, row: Pick<SoakRow, "durationSeconds">): number {
  return series.durationSeconds ?? row.durationSeconds;
}

/** Successes a second, while it was offered. */
export function rateOf(series: SoakRowSeries, row: Pick<SoakRow, "durationSeconds">): number {
  return series.succeeded / secondsOf(series, row);
}
