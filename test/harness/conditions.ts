/** Waits until a condition is true; tests use this instead of sleeping. */
import { setTimeout as delay } from "node:timers/promises";
import { patient } from "./patience.ts";

/** Time limit; only a hang reaches it. */
const LIMIT_MS = patient(120_000);

/**
 * Calls `look` every `everyMs` and returns the first answer that is neither false nor null. Throws
 * with `what` at the time limit.
 */
export async function until<Answer>(
  what: string,
  look: () => Answer | false | null | Promise<Answer | false | null>,
  everyMs = 20,
): Promise<Answer> {
  const deadlineMs = performance.now() + LIMIT_MS;
  for (;;) {
    const answer = await look();
    if (answer !== false && answer !== null) return answer;
    if (performance.now() > deadlineMs) throw new Error(`never came true: ${what}`);
    await delay(everyMs);
  }
}
