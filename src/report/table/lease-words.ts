/** Owns what a report says of a workload on leases. */
import type { Workload } from "../../plan/schema.ts";
import type { LeaseKeepaliveWorkload } from "../../plan/workload/lease-keepalive.ts";

export function isLeaseWorkload(workload: Workload): workload is LeaseKeepaliveWorkload {
  return workload.kind === "lease-keepalive";
}

export function describeLeaseWorkload({ ttlSeconds, newStream }: LeaseKeepaliveWorkload): string {
  const streams = newStream ? "a stream for each" : "one stream a client";
  return `lease-keepalive of one lease a client (TTL ${ttlSeconds} s), ${streams}`;
}
