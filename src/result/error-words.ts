/** Words why requests failed, as the server says it. */
import { shortened } from "../shortened.ts";
import type { OperationResult } from "./schema.ts";

const MOST_CHARACTERS = 120;

/** `UNAVAILABLE: connection lost`, with `(12 of 14)` where there are other errors; null without any. */
export function mostFrequentError(errors: OperationResult["errors"]): string | null {
  const [first, ...others] = errors.toSorted((a, b) => b.count - a.count);
  if (first === undefined) return null;
  const all = others.reduce((sum, { count }) => sum + count, first.count);
  const share = others.length === 0 ? "" : ` (${first.count} of ${all})`;
  return `${first.code}: ${shortened(first.message, MOST_CHARACTERS)}${share}`;
}
