/** Owns the lease-keepalive workload in a plan: its schema, and its flags read into it. */
import * as z from "zod";
import type { PlanFlags } from "../plan-flags.ts";

/** As upstream grants them. */
const TTL_SECONDS = 100;

export const leaseKeepaliveWorkloadSchema = z.object({
  kind: z.literal("lease-keepalive"),
  /** Of the one lease that each client has. */
  ttlSeconds: z.int().min(1),
  /** A stream for each keep-alive, as upstream; otherwise each client keeps one open. */
  newStream: z.boolean(),
});

export type LeaseKeepaliveWorkload = z.infer<typeof leaseKeepaliveWorkloadSchema>;

export function leaseKeepaliveFromFlags(flags: PlanFlags): LeaseKeepaliveWorkload {
  return {
    kind: "lease-keepalive",
    ttlSeconds: TTL_SECONDS,
    newStream: flags["new-stream"] ?? false,
  };
}
