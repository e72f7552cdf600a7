/** What a fault proxy can do to the connections that pass through it. */

/** Of one direction: tx from client to server, rx from server to client. */
export type FaultDirection = "tx" | "rx";

/** Each of them concerns the share `probability` of the connections; absent: all. */
export type NetworkFault = { readonly probability?: number } & (
  | { readonly kind: "delay"; readonly latencyMs: number; readonly jitterMs: number }
  /** Bytes wait until the pause ends. */
  | { readonly kind: "pause" }
  /** Bytes are dropped; the connections that lost some are cut at the end. */
  | { readonly kind: "blackhole" }
  | { readonly kind: "bandwidth"; readonly bytesPerSecond: number }
  /** New connections are refused; `probability` is the share of them. */
  | { readonly kind: "loss" }
  /** Connections are cut with a TCP reset. */
  | { readonly kind: "reset" }
  /** The end of a connection is passed on later. */
  | { readonly kind: "slow-close"; readonly delayMs: number }
  /** Chunks are cut into pieces. */
  | { readonly kind: "slice"; readonly bytes: number; readonly delayMs: number }
  /** The peer's end of a connection is not passed on. */
  | { readonly kind: "half-open" }
);
