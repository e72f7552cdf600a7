/** The operations that a mix may have. */
export const MIXED_OPERATIONS = [
  "put",
  "insert",
  "range",
  "scan",
  "rmw",
  "delete",
  "txn-put",
  "lease-grant",
] as const;

export type MixedOperation = (typeof MIXED_OPERATIONS)[number];
