/** The lease-grant workload in a plan. */
import type * as zod from "zod";
import { valuesShape } from "../../plan/values-schema.ts";

export function leaseGrantSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("lease-grant"),
    ttlSeconds: z.int().min(1),
    /** Put with the lease attached, between grant and revoke. */
    keysPerLease: z.int().min(0),
    ...valuesShape(z),
    /** Of the attached keys; each client has its own after it. */
    prefix: z.string(),
    /** Leases are left to expire, and the first key's deletion is watched, in place of a revoke. */
    expire: z.boolean(),
  });
}

export type LeaseGrantWorkload = zod.infer<ReturnType<typeof leaseGrantSchema>>;
