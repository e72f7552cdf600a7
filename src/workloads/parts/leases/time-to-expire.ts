/** Holds --timeout against the time that leases take to run out. */
import { flagError } from "../../../errors.ts";
import { formatDuration } from "../../../units.ts";

/** Above the time to live: etcd looks for expired leases twice a second. */
const EXPIRY_ROOM_MS = 5_000;

/** What waits for it, for the error. */
export interface ExpiryWait {
  flag: string;
  /** `--expire waits until each lease has run out`. */
  waits: string;
  /** What makes the time to live shorter: `--ttl`. */
  ttlFlag: string;
}

/** @throws BenchError (usage) where requests are given up before the leases have run out */
export function assertTimeToExpire(
  { askedSeconds, grantedSeconds }: { askedSeconds: number; grantedSeconds: number },
  timeoutMs: number,
  { flag, waits, ttlFlag }: ExpiryWait,
): void {
  const neededMs = grantedSeconds * 1000 + EXPIRY_ROOM_MS;
  if (timeoutMs >= neededMs) return;
  const isLonger = grantedSeconds > askedSeconds;
  const why = isLonger ? ` (this etcd grants no lease below ${grantedSeconds} s)` : "";
  const shorter = isLonger ? "" : `, or a shorter ${ttlFlag}`;
  throw flagError(
    flag,
    `${waits}, which --timeout=${formatDuration(timeoutMs)} is too short for${why}: give ` +
      `--timeout=${formatDuration(neededMs)} or more${shorter}`,
  );
}
