/** Calculates which share of an operation's requests failed, for the verdict and the exit code. */
import type { OperationResult } from "./schema.ts";

type Ended = Pick<OperationResult["requests"], "succeeded" | "failed">;

/** Of those that ended: what was never sent must not make the share smaller. Null where none did. */
export function failedShare({ succeeded, failed }: Ended): number | null {
  const ended = succeeded + failed;
  return ended === 0 ? null : failed / ended;
}
