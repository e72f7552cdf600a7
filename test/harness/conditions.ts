/** Waits until something is true, which tests do instead of sleeping. */
import { setTimeout as delay } from "node:timers/promises";
import { patient } from "./patience.ts";

/** Only a hang reaches it. */
const LIMIT_MS = patient(120_000);

/**
 * Looks every `everyMs` and yields the first answer that is neither false nor null; throws with `what`
 * where there never is one.
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
