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

/** How the requests of an operation to one endpoint are named: `put@127.0.0.1:2379`, `put@m1`. */
export function endpointSeriesNames(of: {
  operation: string;
  endpoint: string;
  member: string | null;
}): string[] {
  const { operation, endpoint, member } = of;
  return [endpoint, ...(member === null ? [] : [member])].map((where) => `${operation}@${where}`);
}
