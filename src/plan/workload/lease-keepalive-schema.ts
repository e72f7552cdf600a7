/** The lease-keepalive workload in a plan. */
import * as z from "zod";

export const leaseKeepaliveWorkloadSchema = z.object({
  kind: z.literal("lease-keepalive"),
  /** Of the one lease that each client has. */
  ttlSeconds: z.int().min(1),
  /** A stream for each keep-alive, as upstream; otherwise each client keeps one open. */
  newStream: z.boolean(),
});

export type LeaseKeepaliveWorkload = z.infer<typeof leaseKeepaliveWorkloadSchema>;
