/** Counts how long what is missing had waited, and the requests that an event touched. */
import { LatencyCounts } from "../../stats/latency-counts.ts";

/** In place of a response time where there is no schedule. */
export const NO_SCHEDULE = -1;
/** In place of a service time where nothing was sent. */
export const NOT_SENT = -1;

/** What failed, was given up, or was never sent. */
export class MissingCounts {
  readonly serviceTime = new LatencyCounts();
  readonly responseTime = new LatencyCounts();

  /** The times may be `NOT_SENT` and `NO_SCHEDULE`. */
  record(serviceNs: number, responseNs: number, count: number): void {
    if (serviceNs !== NOT_SENT) this.serviceTime.recordNs(serviceNs, count);
    if (responseNs !== NO_SCHEDULE) this.responseTime.recordNs(responseNs, count);
  }
}

/** Of requests that were due or in flight during an event. */
export class CountsDuringEvents {
  failed = 0;
  missing: MissingCounts | null = null;
  readonly serviceTime = new LatencyCounts();
  readonly responseTime = new LatencyCounts();
}
