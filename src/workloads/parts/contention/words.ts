/** Words and sizes that lock and election share. */

import { formatDuration } from "../../../tables/number-format.ts";
import { CONTENTION_KEY_TAIL_BYTES, TERM_MARK_BYTES } from "./layout.ts";

export function contentionTerms(plan: { holdMs: number; ttlSeconds: number }): string[] {
  const { holdMs, ttlSeconds } = plan;
  const held = holdMs > 0 ? `held for ${formatDuration(holdMs)}` : "given back at once";
  return [held, `sessions of TTL ${ttlSeconds} s`];
}

/** Of the keys that contending clients put. */
export function contentionSizes(prefix: string) {
  const keySizeBytes = Buffer.byteLength(prefix) + CONTENTION_KEY_TAIL_BYTES;
  return { keySizeBytes, valSizeBytes: TERM_MARK_BYTES, valueSize: null };
}
