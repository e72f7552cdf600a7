/** Owns the guess at what an unknown flag or command was meant to be. */
import { distance } from "fastest-levenshtein";

/** The nearest name, or null where none is near enough to be what was meant. */
export function nearestName(given: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const edits = distance(given, name);
    if (edits < bestDistance) [best, bestDistance] = [name, edits];
  }
  if (best === null) return null;
  // A word that has to be rewritten by half is another word, unless one is a part of the other.
  const near = bestDistance <= Math.max(2, Math.floor(best.length / 2));
  const part = given.length >= 3 && (best.startsWith(given) || given.startsWith(best));
  return near || part ? best : null;
}
