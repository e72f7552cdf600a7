/** Says in a line what one trial or control came to, as soon as it has ended. */
import { longestWindow, pausedMsOf } from "../../failover/paused-client.ts";
import { faultFailure } from "../../failover/report.ts";
import type { AvailabilityGroup } from "../../result/availability-schema.ts";
import type { RunResult } from "../../result/schema.ts";
import { formatDuration } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";
/** `trial 3: put of clients on all members unavailable for 1.42 s, leader elected after 1.23 s, 0 writes lost`. */
export function trialLine(name: string, results: readonly RunResult[]): string {
  const [result] = results;
  const availability = result?.availability ?? null;
  if (result === undefined || availability === null) {
    return `${name}: ${result?.verdict.reasons[0] ?? "no result"}`;
  }
  const failure = name.startsWith("trial") ? faultFailure(result) : null;
  if (failure !== null) return `${name}: the fault was not made or not put right: ${failure}`;
  const { groups, leadership, writes } = availability;
  const [shown] = groups.filter(({ attachment }) => attachment === "all");
  const group = shown ?? groups[0]!;
  const members = group.attachment === "all" ? "all members" : group.attachment;
  return [
    `${name}: ${group.operation} of clients on ${members} unavailable for ${formatDuration(group.longestWindowMs)}${pausedText(result, group.windows)}`,
    ...(leadership?.leaderElectedMs == null
      ? []
      : [`leader elected after ${formatDuration(leadership.leaderElectedMs)}`]),
    ...(writes === null
      ? []
      : [writes.lost === null ? "? writes lost" : `${formatNoun(writes.lost, "write")} lost`]),
  ].join(", ");
}

/** ` (the client paused for 1.30 s of it)`, of the longest window. */
function pausedText(result: RunResult, windows: AvailabilityGroup["windows"]): string {
  const longest = longestWindow(windows);
  if (longest === null) return "";
  const pausedMs = pausedMsOf(result)(longest.startMs, longest.endMs);
  return pausedMs < 1 ? "" : ` (the client paused for ${formatDuration(pausedMs)} of it)`;
}
