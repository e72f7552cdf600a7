/** Names the profiles that were taken of etcd, and says how slow a stretch of the load was. */
import type { TakenProfile } from "../etcd/profile-watch.ts";
import type { Interval, ProfileResult } from "../result/schema.ts";

/** A file of a profile, without a folder. */
export interface ProfileFile {
  name: string;
  bytes: Buffer;
}

/**
 * @param id of the run
 * @param originMs the start of the measured phase, of performance.now()
 */
export function profileResult(
  { member, kind, fromMs, toMs, bytes }: TakenProfile,
  id: string,
  originMs: number,
): ProfileResult {
  return {
    member,
    kind,
    startSeconds: (fromMs - originMs) / 1000,
    durationSeconds: (toMs - fromMs) / 1000,
    // A member's name is anything.
    file: `${id}-${kind}-${member.replaceAll(/[^\w.-]/g, "_")}.pb.gz`,
    sizeBytes: bytes.length,
  };
}

/** How slow an interval was: its p99 or what is known of its slowest request, by the judged clock. */
export function slownessMs(interval: Interval): number {
  const { atLeast, durationSeconds, succeeded } = interval;
  const known = [
    interval.responseP99Ms ?? interval.p99Ms ?? interval.responseMaxMs ?? interval.maxMs,
    ...Object.values(atLeast ?? {}),
    // Clients waited for all of it.
    succeeded === 0 ? durationSeconds * 1000 : null,
  ];
  return Math.max(0, ...known.filter((each) => typeof each === "number"));
}
