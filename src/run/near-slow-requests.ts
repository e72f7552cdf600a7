/**
 * Finds what happened while a slow request waited: events, leader changes, seconds in which a member's
 * fsync was slow, and pauses of the client. That it was near does not prove that it was the cause.
 */
import { describeEvent } from "../events/describe-event.ts";
import { LEADER_CHANGE, SEEN_AFTER_SECONDS } from "../events/leader-change.ts";
import type { RunResult, ServerResult } from "../result/schema.ts";
import type { Near, SlowRequestResult } from "../result/slow-request-schema.ts";
import { median } from "../stats/median.ts";

/** etcd's own bound for the p99 of an fsync of its log. */
const SLOW_FSYNC_MS = 10;
/** Where fsync is slow in all seconds, one that is as the others explains no single request. */
const TIMES_MEDIAN = 2;

type Happened = Pick<RunResult, "moments" | "server" | "client">;

/** Fills in what was near each of the slowest requests of all operations. */
export function findNear(operations: RunResult["operations"], happened: Happened): void {
  const all = [
    ...eventsOf(happened),
    ...happened.server.flatMap(slowFsyncsOf),
    ...pausesOf(happened),
  ].sort((a, b) => a.startSeconds - b.startSeconds);
  for (const { slowest } of operations) {
    for (const request of slowest ?? []) request.near = all.filter((one) => isNear(one, request));
  }
}

function isNear(near: Near, { startSeconds, serviceMs, responseMs }: SlowRequestResult): boolean {
  const endSeconds = startSeconds + (responseMs ?? serviceMs) / 1000;
  return near.startSeconds <= endSeconds && near.endSeconds >= startSeconds;
}

function eventsOf({ moments }: Happened): Near[] {
  return moments.flatMap((event): Near[] => {
    const { kind, startSeconds, durationSeconds, error } = event;
    if (error !== null && durationSeconds === null) return [];
    const text = describeEvent(event);
    if (kind === LEADER_CHANGE.kind) {
      const earliest = startSeconds - SEEN_AFTER_SECONDS;
      return [{ kind: "new-leader", text, startSeconds: earliest, endSeconds: startSeconds }];
    }
    const endSeconds = startSeconds + (durationSeconds ?? 0);
    return [{ kind: "event", text, startSeconds, endSeconds }];
  });
}

function slowFsyncsOf({ member, endpoint, samples }: ServerResult): Near[] {
  if (samples === null) return [];
  const known = samples.walFsyncP99Ms.filter((ms) => ms !== null);
  const floorMs = Math.max(SLOW_FSYNC_MS, known.length === 0 ? 0 : TIMES_MEDIAN * median(known));
  return samples.walFsyncP99Ms.flatMap((ms, at): Near[] => {
    if (ms === null || ms < floorMs || at === 0) return [];
    const text = `fsync p99 ${ms.toFixed(0)} ms of ${member || endpoint}`;
    const [startSeconds, endSeconds] = [samples.atSeconds[at - 1]!, samples.atSeconds[at]!];
    return [{ kind: "slow-fsync", text, startSeconds, endSeconds }];
  });
}

function pausesOf({ client }: Happened): Near[] {
  return (client.pauses?.longest ?? [])
    .filter(({ workers }) => workers > 0)
    .map(({ startSeconds, durationMs }): Near => {
      const text = `the client paused ${durationMs.toFixed(0)} ms`;
      const endSeconds = startSeconds + durationMs / 1000;
      return { kind: "client-pause", text, startSeconds, endSeconds };
    });
}
