/**
 * Owns the default of every flag that makes a plan, as the text a person would have written: the
 * plan is read from them, and the help shows them. The first block is upstream's, as etcd's
 * benchmark tool has them; the second is ours.
 */
export const DEFAULTS = {
  endpoints: "127.0.0.1:2379",
  conns: "1",
  clients: "1",
  total: "10000",
  rate: "0",
  "key-size": "8",
  "val-size": "8",
  "key-space-size": "1",
  prefix: "",
  "txn-ops": "1",
  isolation: "r",
  keys: "1",
  "keys-per-txn": "1",
  "txn-wr-percent": "50",
  "stm-locker": "stm",
  "rw-ratio": "1",
  consistency: "l",
  limit: "0",
  "compact-interval": "0",
  "compact-index-delta": "1000",
  "dial-timeout": "0",
  "auto-sync-interval": "0",

  mix: "put=20,range=70,delete=10",
  "scan-length": "100",
  "key-encoding": "fixed",
  popularity: "uniform",
  ttl: "60s",
  "keys-per-lease": "1",
  locks: "1",
  locker: "lock-rpc",
  elections: "1",
  proclaims: "0",
  hold: "0",
  scenario: "steady",
  nodes: "100",
  pods: "3000",
  "pod-size": "15kB",
  "conflict-rate": "5%",
  relists: "4",
  workers: "1",
  transport: "wire",
  timeout: "10s",
  seed: "1",
  arrival: "constant",
  pacing: "nap",
  warmup: "0",
  "find-start": "1000",
  "find-step-duration": "5s",
  "find-precision": "5%",
  "max-error-rate": "0",
} as const;

/** Of `bench txn-mixed`, as upstream, where they differ from the others'. */
export const TXN_MIXED_DEFAULTS = { limit: "1000" } as const;

/** Of `bench calibrate`: the load that the published figures were taken under. */
export const CALIBRATE_DEFAULTS = { conns: "100", clients: "1000" } as const;
