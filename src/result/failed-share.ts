/** Calculates which share of an operation's requests failed, for the verdict and the exit code. */
import type { RunPlan } from "../plan/schema.ts";
import { formatNoun } from "../text/noun.ts";
import type { OperationResult } from "./schema.ts";

type Ended = Pick<OperationResult["requests"], "succeeded" | "failed">;

/**
 * The requests that --max-error-rate is held against: where the plan has faults of its own (`--event`),
 * those that no event touched.
 */
export function judgedRequests(
  { requests, moments }: Pick<OperationResult, "requests" | "moments">,
  { maintenance }: Pick<RunPlan, "maintenance">,
): Ended {
  if (maintenance.events.length === 0 || moments === null) return requests;
  const { failed, serviceTime } = moments.outside;
  return { succeeded: serviceTime.count, failed };
}

/** A sentence for each operation of which the plan's own faults made requests fail. */
export function expectedFailures(
  operations: readonly OperationResult[],
  { maintenance }: Pick<RunPlan, "maintenance">,
): string[] {
  if (maintenance.events.length === 0) return [];
  return operations.flatMap(({ name, moments }) => {
    const failed = moments?.during.failed ?? 0;
    if (failed === 0) return [];
    const requests = formatNoun(failed, `${name} request`);
    return [
      `${requests} failed in the time of an --event or soon after it: --max-error-rate does not count them.`,
    ];
  });
}

/** Of those that ended: what was never sent must not make the share smaller. Null where none did. */
export function failedShare({ succeeded, failed }: Ended): number | null {
  const ended = succeeded + failed;
  return ended === 0 ? null : failed / ended;
}
