/** Writes whole counts of things as English has them: `1 key`, `2,000 keys`. */
import { withThousands } from "../thousands.ts";

/** @param plural where it is not the noun with an s */
export function formatNoun(count: number, noun: string, plural = `${noun}s`): string {
  return `${withThousands(count)} ${count === 1 ? noun : plural}`;
}
