/** Prepares `bench lease-grant`: one lease is granted to see how long etcd lets it live. */
import { operation } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { keyBytes } from "../../plan/key-text.ts";
import { longerLeaseNotes } from "../../result/target-notes.ts";
import { uint32 } from "../parts/keys/keys-to-check.ts";
import { grantedTtlByTrial } from "../parts/leases/longer-lease.ts";
import { assertTimeToExpire } from "../parts/leases/time-to-expire.ts";
import type { Preparation } from "../preparation.ts";
import { EXPIRE_WAIT } from "./expire-wait.ts";
import { type LeaseGrantSpec, leaseGrantSeries } from "./load.ts";
import type { LeaseGrantWorkload } from "./schema.ts";

export const preparation: Preparation<LeaseGrantWorkload> = {
  series: leaseGrantSeries,
  async prepare(workload, { plan, target, access, note }) {
    const { ttlSeconds, expire } = workload;
    const grantedSeconds = await grantedTtlByTrial(ttlSeconds, target.endpoints, access);
    longerLeaseNotes(ttlSeconds, grantedSeconds).forEach(note);
    if (expire) {
      const asked = { askedSeconds: ttlSeconds, grantedSeconds };
      assertTimeToExpire(asked, plan.load.timeoutMs, EXPIRE_WAIT);
    }
    return { operations: [leaseGrants(workload)] };
  },
  plannedOperations: (workload) => [leaseGrants(workload)],
  putsLeasedKeys: () => true,
  leaves: () => null,
  keysToCheck({ prefix, keysPerLease, expire }) {
    if (keysPerLease === 0) return { written: [], read: [] };
    const first = [Buffer.concat([keyBytes(prefix), uint32(0), uint32(0)])];
    return { written: first, read: expire ? first : [] };
  },
};

function leaseGrants(workload: LeaseGrantWorkload): OperationSpec {
  const series = leaseGrantSeries(workload);
  return operation<LeaseGrantSpec>({ series, kind: "lease-grant", leaseGrant: workload });
}
