/** The names of the series of watchers and of the events that they receive. */
import type { SeriesRole } from "../../definition.ts";

export const WATCH_CREATE = "watch-create";
const PUTS = "watch-put";
export const DELIVERY = "watch-delivery";
const DELIVERY_AFTER_ACK = "watch-delivery-after-ack";

/** Of the puts, and of the events that come of them. */
export const WATCH_PUT_SERIES = [PUTS, DELIVERY, DELIVERY_AFTER_ACK] as const;

export function watchSeriesRole(series: string): SeriesRole {
  switch (series) {
    case PUTS:
      return "requests";
    case WATCH_CREATE:
      return "further-requests";
    case DELIVERY:
      return "outcome";
    default:
      return "detail";
  }
}
