/** What the members on this machine used of its CPUs. */
import type { MemberPlaces } from "../run/member-places.ts";
import type { MemberEvidence } from "./evidence.ts";
import { riseOf, spanOf } from "./window.ts";

/**
 * By /proc, or by the metrics of a member whose process cannot be seen, as one of another user or in a
 * container. Null: one of them does not tell.
 */
export function cpuSecondsHere(
  members: readonly MemberEvidence[],
  { places, addresses }: { places: MemberPlaces; addresses: readonly string[] },
): number | null {
  const own = new Set(addresses);
  let sum = 0;
  for (const member of members) {
    const { endpoint, process: used } = member;
    if (used === null && (endpoint === null || !places.isAt(endpoint, own, true))) continue;
    const span = spanOf(member);
    // One page alone counts from the start of the process.
    const isWindow = span !== null && span.seconds !== null;
    const seconds =
      used?.cpuSeconds ?? (isWindow ? riseOf(span, "process_cpu_seconds_total") : null);
    if (seconds === null) return null;
    sum += seconds;
  }
  return sum;
}
