/** What a fault proxy can do to the connections that pass through it. */

/** Of one direction: tx from client to server, rx from server to client. */
export type FaultDirection = "tx" | "rx";

/** What each fault has: the connections that it concerns. */
interface Concerned {
  /** The share of the connections; absent: all. */
  readonly probability?: number;
  /**
   * Only connections whose first bytes from the client have one of these texts in them, as the headers
   * of a request; absent: all.
   */
  readonly opening?: readonly string[];
}

export type NetworkFault =
  | (Concerned &
      (
        | { readonly kind: "delay"; readonly latencyMs: number; readonly jitterMs: number }
        /** Bytes wait until the pause ends. */
        | { readonly kind: "pause" }
        /** Bytes are dropped; the connections that lost some are cut at the end. */
        | { readonly kind: "blackhole" }
        | { readonly kind: "bandwidth"; readonly bytesPerSecond: number }
        /** Connections are cut with a TCP reset of both ends: TCP resets no single direction. */
        | { readonly kind: "reset" }
        /** The end of a connection is passed on later. */
        | { readonly kind: "slow-close"; readonly delayMs: number }
        /** Chunks are cut into pieces of at most so many bytes, which are sent `delayMs` apart. */
        | { readonly kind: "slice"; readonly bytes: number; readonly delayMs: number }
        /** The peer's end of a connection is not passed on. */
        | { readonly kind: "half-open" }
      ))
  /**
   * New connections are refused by a TCP reset, before their first byte is read; `probability` is the
   * share of them.
   */
  | { readonly kind: "loss"; readonly probability?: number };

export type FaultKind = NetworkFault["kind"];

export const FAULT_KINDS: readonly FaultKind[] = [
  ...(["delay", "pause", "blackhole", "bandwidth", "loss"] as const),
  ...(["reset", "slow-close", "slice", "half-open"] as const),
];

export const DIRECTIONS: readonly FaultDirection[] = ["tx", "rx"];
