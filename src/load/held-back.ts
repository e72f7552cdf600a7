/**
 * Tells requests that waited in the client, for a stream, a window or a connection, from those that
 * were sent: the names of their counts, and what is said of one whose time ran out.
 */
import type { Transport } from "#wire";

/** Sent in the end; the service time begins then. */
export const HELD_BACK = "heldBack";
/** How long those waited, added up, in microseconds. */
export const HELD_BACK_US = "heldBackUs";
/** Their time ran out before they could be sent whole. */
export const UNSENT = "unsent";

/** Up to when a request that failed could have been sent and answered. */
export type Until = "within the timeout" | "before the run ended";

export interface Cut {
  isUnsent: boolean;
  message: string;
}

/** What is said of the slot's call, which is to be cancelled now. */
export function describeCut(transport: Transport, slot: number, until: Until): Cut {
  const hold = transport.holdReason?.(slot) ?? null;
  if (hold !== null) return { isUnsent: true, message: `not sent ${until}: ${hold}` };
  return { isUnsent: false, message: `no answer ${until}` };
}
