/** Writes counts of things as English has them: `1 key`, `2,000 keys`. */

const grouping = new Intl.NumberFormat("en-US");

/** @param plural where it is not the noun with an s */
export function formatNoun(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouping.format(count)} ${count === 1 ? noun : plural}`;
}
