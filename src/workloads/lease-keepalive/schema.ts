/** The lease-keepalive workload in a plan. */
import type * as zod from "zod";

export function leaseKeepaliveSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("lease-keepalive"),
    /** Of the one lease that each client has. */
    ttlSeconds: z.int().min(1),
    /** A stream for each keep-alive, as upstream; otherwise each client keeps one open. */
    newStream: z.boolean(),
  });
}

export type LeaseKeepaliveWorkload = zod.infer<ReturnType<typeof leaseKeepaliveSchema>>;
