/** The requests of `bench availability`, apart from the schema of its plan: help loads no zod. */

/** In the order in which they take turns. */
export const AVAILABILITY_OPERATIONS = [
  "put",
  "range-linearizable",
  "range-serializable",
  "watch",
  "lease-keepalive",
  "lock",
] as const;

export type AvailabilityOperation = (typeof AVAILABILITY_OPERATIONS)[number];
