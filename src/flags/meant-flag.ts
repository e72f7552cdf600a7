/** Says in an error which flag an unknown name may be meant for. */
import { nearestName } from "../nearest-name.ts";
import { meantByForeign } from "./foreign-flags.ts";

/**
 * `bench has --clients` for a name of another tool, `did you mean conns?` for a slip.
 * @param name without dashes @param known the names that there are; null: it is near to none
 */
export function meantFlagHint(name: string, known: readonly string[]): string | null {
  // A single letter is a short flag there, which settings do not have.
  const foreign = name.length > 1 ? meantByForeign(name) : null;
  if (foreign !== null) return `bench has ${foreign}`;
  const nearest = nearestName(name, known);
  return nearest === null ? null : `did you mean ${nearest}?`;
}
