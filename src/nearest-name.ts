/** Guesses which known name an unknown flag, command or key of a file was meant to be. */
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
  if (bestDistance <= 2) return best;
  const begun = given.length >= 3 && names.find((name) => name.startsWith(given));
  if (begun) return begun;
  // A word that has to be rewritten by half is another word.
  return bestDistance <= Math.floor(best.length / 2) ? best : null;
}
