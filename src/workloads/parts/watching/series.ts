/** The names of the series of watchers and of the events that they receive. */
import { seriesHandles } from "../../../load/series-handles.ts";
import type { SeriesRole } from "../../definition.ts";

export const WATCH_CREATE = "watch-create";
const PUTS = "watch-put";
export const DELIVERY = "watch-delivery";
const DELIVERY_AFTER_ACK = "watch-delivery-after-ack";

const HANDLES = seriesHandles("whole", "delivery", "deliveryAfterAck");

/** Of all loads whose writes are watched. */
export const WATCHED_NUMBERS = HANDLES.numbers;

/** Of the writes, and of the events that come of them. */
export function watchedSeries(writes: string): string[] {
  return HANDLES.names({
    ...{ whole: writes, delivery: DELIVERY, deliveryAfterAck: DELIVERY_AFTER_ACK },
  });
}

export const WATCH_PUT_SERIES: readonly string[] = watchedSeries(PUTS);

export function isWatchPut(series: string): boolean {
  return series === PUTS;
}

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
