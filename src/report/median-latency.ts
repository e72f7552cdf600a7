/** The median of one figure over runs, of some of which only bounds are known. */
import type { Latency, LatencyFigure } from "../result/schema.ts";
import { median } from "../stats/median.ts";

export type BoundedFigure = Exclude<LatencyFigure, "stddevMs" | "minMs">;

/** Bounds of the runs' figures make its bounds; `mostMs` is null where there is no upper one. */
export function medianLatency(
  latencies: readonly Latency[],
  field: BoundedFigure,
): { leastMs: number; mostMs: number | null } {
  const least = latencies.map((each) => each[field] ?? each.atLeast?.[field] ?? 0);
  const most = latencies.map(
    (each) => each[field] ?? each.atMost?.[field] ?? Number.POSITIVE_INFINITY,
  );
  const mostMs = median(most);
  return { leastMs: median(least), mostMs: Number.isFinite(mostMs) ? mostMs : null };
}
