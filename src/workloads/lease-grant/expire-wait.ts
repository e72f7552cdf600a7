/** What of lease-grant waits until leases have run out. */
import type { ExpiryWait } from "../parts/leases/time-to-expire.ts";

export const EXPIRE_WAIT: ExpiryWait = {
  flag: "expire",
  waits: "--expire waits until each lease has run out",
  ttlFlag: "--ttl",
};
