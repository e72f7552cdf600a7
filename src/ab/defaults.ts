/** Owns the defaults of a session of pairs: texts as a person would have written them, and which runs are warmed. */
export const PAIR_DEFAULTS = { pairs: "20" } as const;

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
