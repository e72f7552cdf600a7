/** The lease-grant workload in a plan. */
import * as z from "zod";
import { valuesShape } from "../values-schema.ts";

export const leaseGrantWorkloadSchema = z.object({
  kind: z.literal("lease-grant"),
  ttlSeconds: z.int().min(1),
  /** Put with the lease attached, between grant and revoke. */
  keysPerLease: z.int().min(0),
  ...valuesShape,
  /** Of the attached keys; each client has its own behind it. */
  prefix: z.string(),
  /** Leases are left to expire, and the first key's deletion is watched, in place of a revoke. */
  expire: z.boolean(),
});

export type LeaseGrantWorkload = z.infer<typeof leaseGrantWorkloadSchema>;
