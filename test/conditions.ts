/** Owns waiting for something to come true, which tests do instead of sleeping. */
import { setTimeout as delay } from "node:timers/promises";

/** Only a hang reaches it. */
const LIMIT_MS = 60_000;

/** Looks every `everyMs`; throws with `what` where it never comes true. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  everyMs = 20,
): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > deadlineMs) throw new Error(`never came true: ${what}`);
    await delay(everyMs);
  }
}
