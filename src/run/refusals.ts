/** Which requests etcd has surely not carried out, by what came of them. */
import type { PhaseCounts } from "../load/messages.ts";

/**
 * Codes that etcd gives before it changes anything. RESOURCE_EXHAUSTED is none of them: etcd 3.5 applies
 * the put that exceeds its quota, and then says that it has no space.
 */
const REFUSALS: ReadonlySet<string> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "PERMISSION_DENIED",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "UNAUTHENTICATED",
]);

/**
 * @param started of the same requests
 * @returns false: one succeeded, one had no answer, or one failed in a way that leaves it open
 */
export function areRefused(started: number, phases: readonly Readonly<PhaseCounts>[]): boolean {
  const errors = phases.flatMap((each) => each.errors);
  const refused = errors
    .filter(({ code }) => REFUSALS.has(code))
    .reduce((sum, { count }) => sum + count, 0);
  return refused === started;
}
