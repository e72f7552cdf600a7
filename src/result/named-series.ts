/**
 * Tells whether a threshold applies to a series: to all, or to the one that it names, as the report
 * names it or without the workload's kind before it, as `range` for `mixed-range`.
 */
import type { Threshold } from "../plan/schema.ts";

export function isHeldAgainst(
  { series }: Pick<Threshold, "series">,
  name: string,
  kind: string,
): boolean {
  return series === null || name === series || name === `${kind}-${series}`;
}
