/** Reads the flags of the lease-grant workload into its part of the plan. */
import { usageError } from "../../errors.ts";
import { DEFAULTS } from "../defaults.ts";
import { keyBytes } from "../key-text.ts";
import { countOf, type PlanFlags, textOf } from "../plan-flags.ts";
import { badValue, formatDuration, parseDurationMs } from "../units.ts";
import { LEASE_KEY_TAIL_BYTES } from "../value-layout.ts";
import { valuesOf } from "../values.ts";
import type { LeaseGrantWorkload } from "./lease-grant-schema.ts";

/** etcd's longest time to live. */
const MAX_TTL_SECONDS = 9_000_000_000;
const MAX_KEYS_PER_LEASE = 100_000;
const DEFAULT_PREFIX = "bench-lease/";
/** Above the time to live: etcd looks for expired leases twice a second. */
const EXPIRY_ROOM_MS = 5_000;

export function leaseGrantFromFlags(
  flags: PlanFlags,
  timeoutMs: number,
  note: (line: string) => void,
): LeaseGrantWorkload {
  const ttlSeconds = ttlOf(flags);
  const keysPerLease = countOf(flags, "keys-per-lease", MAX_KEYS_PER_LEASE, 0);
  const expire = flags.expire ?? false;
  if (expire && keysPerLease === 0) {
    throw usageError("--expire watches a key's deletion: give --keys-per-lease=1 or more");
  }
  const needed = ttlSeconds * 1000 + EXPIRY_ROOM_MS;
  if (expire && timeoutMs < needed) {
    throw usageError(
      `--expire waits until each lease has run out, which --timeout=${formatDuration(timeoutMs)} is too ` +
        `short for: give --timeout=${formatDuration(needed)} or more, or a shorter --ttl`,
    );
  }
  const prefix = typeof flags.prefix === "string" ? flags.prefix : DEFAULT_PREFIX;
  const keySizeBytes = keyBytes(prefix).length + LEASE_KEY_TAIL_BYTES;
  return {
    kind: "lease-grant",
    ttlSeconds,
    keysPerLease,
    ...valuesOf(flags, { keySizeBytes }, note),
    prefix,
    expire,
  };
}

function ttlOf(flags: PlanFlags): number {
  const text = textOf(flags, "ttl");
  const bounds = { min: 1, max: MAX_TTL_SECONDS * 1000, example: DEFAULTS.ttl };
  const seconds = parseDurationMs("--ttl", text, bounds) / 1000;
  if (Number.isInteger(seconds)) return seconds;
  throw badValue("--ttl", text, "a duration of whole seconds, as etcd's leases have", DEFAULTS.ttl);
}
