/** Says on standard error which saved files were not taken, and why. */
import type { SkippedFile } from "../../result/saved-files.ts";
import { writeStandardError } from "../output/standard-output.ts";

/** The rest is counted. */
const MOST_LINES = 5;

export function sayWhatIsSkipped(skipped: readonly SkippedFile[]): void {
  for (const line of skippedLines(skipped)) writeStandardError(`note: ${line}\n`);
}

export function skippedLines(skipped: readonly SkippedFile[]): string[] {
  const lines = skipped.slice(0, MOST_LINES).map(({ file, why }) => `skipped: ${file} ${why}`);
  const more = skipped.length - lines.length;
  return more === 0 ? lines : [...lines, `skipped: ${more} more`];
}
