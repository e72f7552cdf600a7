/** Owns the defaults of `bench staleness` where they differ from those of other commands. */

/** A fixed rate of puts, since a closed loop would push as fast as the slowest part lets it. */
export const STALENESS_DEFAULTS = {
  rate: "500",
  clients: "50",
  conns: "3",
  duration: "10s",
  "key-space-size": "10000",
  "val-size": "256",
  "read-rate": "200",
} as const;
