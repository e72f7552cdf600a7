/** Reads the flags of the lease-keepalive workload into its part of the plan. */
import type { PlanFlags } from "../plan-flags.ts";
import type { LeaseKeepaliveWorkload } from "./lease-keepalive-schema.ts";

/** As upstream grants them. */
const TTL_SECONDS = 100;

export function leaseKeepaliveFromFlags(flags: PlanFlags): LeaseKeepaliveWorkload {
  return {
    kind: "lease-keepalive",
    ttlSeconds: TTL_SECONDS,
    newStream: flags["new-stream"] ?? false,
  };
}
