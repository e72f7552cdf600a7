/** `bench lease-grant`: leases granted, used and revoked, or left to expire. */

import { flagError } from "../../errors.ts";
import { VAL_SIZE } from "../../flags/val-size.ts";
import { like, toggle } from "../../flags/vocabulary.ts";
import { valSizeOf, valuesOf } from "../../plan/values.ts";
import { formatNoun } from "../../text/noun.ts";
import { defineWorkload } from "../definition.ts";
import { CLEANUP, PREFIX } from "../parts/flags/key-space.ts";
import { LEASE_FLAGS, leaseKeySizeBytes } from "../parts/flags/leases.ts";
import { assertTimeToExpire } from "../parts/leases/time-to-expire.ts";
import { describeValues } from "../parts/words.ts";
import { EXPIRE_WAIT } from "./expire-wait.ts";
import { type LeaseGrantWorkload, leaseGrantSchema } from "./schema.ts";

export const leaseGrant = defineWorkload({
  name: "lease-grant",
  summary: "Measure leases: grant, put keys, revoke; or how late they expire",
  examples: [
    ["lease-grant --local --total=500", "grant, one put and revoke, by one client"],
    [
      "lease-grant --local --expire --ttl=1s --total=20 --clients=20",
      "how long after the due time etcd deletes a lease's key",
    ],
  ],
  flags: {
    ...LEASE_FLAGS,
    expire: toggle({
      group: "Workload:",
      name: "expire",
      describe:
        "do not revoke; measure how long after the due time etcd deletes the first key of a lease",
    }),
    valSize: VAL_SIZE,
    prefix: like(PREFIX, { default: "bench-lease/", describe: "prepend TEXT to every key" }),
    cleanup: CLEANUP,
  },
  schema: leaseGrantSchema,
  calibrated: [{}],
  writes: true,
  plan(flags, { load, note }): LeaseGrantWorkload {
    const { ttlSeconds, keysPerLease, expire, prefix } = flags;
    if (expire && keysPerLease === 0) {
      throw flagError(
        "expire",
        "--expire watches a key's deletion: give --keys-per-lease=1 or more",
      );
    }
    if (expire) {
      const asked = { askedSeconds: ttlSeconds, grantedSeconds: ttlSeconds };
      assertTimeToExpire(asked, load.timeoutMs, EXPIRE_WAIT);
    }
    const keySizeBytes = leaseKeySizeBytes(prefix);
    const values = valuesOf(flags.valSize, { keySizeBytes }, note);
    return { kind: "lease-grant", ttlSeconds, keysPerLease, ...values, prefix, expire };
  },
  makesRevision: (series) => series === "lease-grant-put",
  // The leases that were granted last have to expire.
  waitAfterMs: ({ expire, ttlSeconds }) => (expire ? ttlSeconds * 1_000 : 0),
  describe(plan) {
    const { ttlSeconds, keysPerLease, expire } = plan;
    const keys = formatNoun(keysPerLease, "key");
    const values = keysPerLease === 0 ? "" : `, ${describeValues(plan)}`;
    const end = expire ? "left to expire" : "revoked";
    return `lease-grant, TTL ${ttlSeconds} s, ${keys} a lease${values}, ${end}`;
  },
  plannedWrites({ prefix, keysPerLease, valSizeBytes, valueSize }, requests) {
    const keySizeBytes = leaseKeySizeBytes(prefix);
    // Revoked or expired, a lease takes its keys with it.
    const puts = requests * keysPerLease;
    return { keySizeBytes, valSizeBytes, valueSize, puts, deletes: puts };
  },
  preparation: () => import("./prepare.ts"),
  commandLine: (plan) => ({
    flags: {
      ttlSeconds: plan.ttlSeconds,
      keysPerLease: plan.keysPerLease,
      valSize: valSizeOf(plan),
      prefix: plan.prefix,
      expire: plan.expire,
    },
  }),
});
