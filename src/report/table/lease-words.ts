/** Owns what a report says of a workload on leases. */

import type { Workload } from "../../plan/schema.ts";
import type { LeaseGrantWorkload } from "../../plan/workload/lease-grant-schema.ts";
import type { LeaseKeepaliveWorkload } from "../../plan/workload/lease-keepalive-schema.ts";
import { formatNoun } from "../../text/noun.ts";
import { describeValues } from "./workload-words.ts";

type LeaseWorkload = LeaseKeepaliveWorkload | LeaseGrantWorkload;

export function isLeaseWorkload(workload: Workload): workload is LeaseWorkload {
  return workload.kind === "lease-keepalive" || workload.kind === "lease-grant";
}

export function describeLeaseWorkload(workload: LeaseWorkload): string {
  const ttl = `TTL ${workload.ttlSeconds} s`;
  if (workload.kind === "lease-keepalive") {
    const streams = workload.newStream ? "a stream for each" : "one stream a client";
    return `lease-keepalive of one lease a client (${ttl}), ${streams}`;
  }
  const keys = formatNoun(workload.keysPerLease, "key");
  const end = workload.expire ? "left to expire" : "revoked";
  const values = workload.keysPerLease === 0 ? "" : `, ${describeValues(workload)}`;
  return `lease-grant, ${ttl}, ${keys} a lease${values}, ${end}`;
}
