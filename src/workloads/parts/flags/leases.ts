/** The flags of leases that carry keys, and what holds of them. */
import { count, wholeSeconds } from "../../../flags/vocabulary.ts";
import { keyBytes } from "../../../plan/key-text.ts";

/** After the prefix of a key: the client's number and the key's. */
const LEASE_KEY_TAIL_BYTES = 8;

const workload = { group: "Workload:" } as const;

/** etcd's longest time to live. */
export const MAX_TTL_SECONDS = 9_000_000_000;
const MAX_KEYS_PER_LEASE = 100_000;

export const LEASE_FLAGS = {
  ttlSeconds: wholeSeconds({
    ...workload,
    name: "ttl",
    default: "60s",
    min: 1,
    max: MAX_TTL_SECONDS * 1000,
    describe: "time to live of each lease, in whole seconds",
  }),
  keysPerLease: count({
    ...workload,
    name: "keys-per-lease",
    default: "1",
    min: 0,
    max: MAX_KEYS_PER_LEASE,
    describe: "number of keys put with each lease, one by one",
  }),
};

/** Of a key that is put with a lease. */
export function leaseKeySizeBytes(prefix: string): number {
  return keyBytes(prefix).length + LEASE_KEY_TAIL_BYTES;
}
