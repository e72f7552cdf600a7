/** Which runs of a session of pairs are warmed, and by how much. */

/** A part of what is measured that is sent before it, where the person does not say how much. */
export const WARMUP_SHARE = 0.1;

/** By kind: those that more requests before do not wear out, and that need no set-up within the clock. */
export const WARMED_WORKLOADS: ReadonlySet<string> = new Set([
  "put",
  "range",
  "txn-put",
  "txn-mixed",
  "mixed",
  "stm",
  "lock",
  "election",
  "lease-keepalive",
]);
