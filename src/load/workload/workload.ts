/**
 * Owns the interface of what is sent. A workload fills a request template in place for each send
 * and keeps no per-request objects; the driver decides when, for which client, and records how it
 * went. One file a workload implements this.
 */
import type { RequestTemplate } from "../transport.ts";

export interface Workload {
  /**
   * Chooses the next request: returns its ticket, a number from which `request` can make it again
   * should the server hand it back unprocessed.
   */
  next(): number;
  /** The bytes of the ticket's request, valid until the next call. */
  request(ticket: number): RequestTemplate;
  /** Starts over, so that each phase sends the same requests in the same order. */
  restart(): void;
}
