/** Guesses which known name an unknown flag, command or key of a file was meant to be. */
import { distance } from "fastest-levenshtein";

/** Of a shorter word two edits leave little. */
const LONG_WORD = 5;

/** The nearest name, or null where none is near enough to be what was meant. */
export function nearestName(given: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const edits = distance(given, name);
    if (edits < bestDistance) [best, bestDistance] = [name, edits];
  }
  if (best === null) return null;
  if (bestDistance <= (given.length < LONG_WORD ? 1 : 2)) return best;
  const swapped = names.find((name) => lettersOf(name) === lettersOf(given));
  if (swapped !== undefined) return swapped;
  const bare = withoutDashes(given);
  const begun = bare.length >= 3 && names.find((name) => withoutDashes(name).startsWith(bare));
  if (begun) return begun;
  // A word that has to be rewritten by more than a third is another word.
  return bestDistance <= Math.floor(best.length / 3) ? best : null;
}

function withoutDashes(name: string): string {
  return name.replaceAll("-", "");
}

function lettersOf(name: string): string {
  return [...name].sort().join("");
}
