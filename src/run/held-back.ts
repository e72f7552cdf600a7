/** Says of a result's operations what waited in the client before it could be sent, and why. */
import type { OperationResult } from "../result/schema.ts";
import { formatDuration } from "../tables/number-format.ts";
import { formatNoun } from "../text/noun.ts";

/** Whether requests waited for a stream, a window or a connection before they were sent. */
export function wasHeldBack(counters: Readonly<Record<string, number>>): boolean {
  return (counters.heldBack ?? 0) > 0;
}

/** One sentence for each operation of which requests waited. */
export function heldBackNotes(operations: readonly OperationResult[]): string[] {
  return operations.flatMap(({ name, requests, counters, responseTime }) => {
    const { heldBack = 0, heldBackUs = 0, unsent = 0 } = counters;
    const notes: string[] = [];
    if (heldBack > 0) {
      const meanMs = heldBackUs / heldBack / 1e3;
      const clock = responseTime === null ? "" : "; the response time holds it";
      notes.push(
        `${heldBack} of ${formatNoun(requests.started, `${name} request`)} waited in the client for a stream, a ` +
          `window or a connection before they could be sent, ${formatDuration(meanMs)} on average: their service ` +
          `time does not hold that wait${clock}.`,
      );
    }
    if (unsent > 0) {
      notes.push(
        `${unsent} of the ${formatNoun(requests.failed, `${name} request`)} that failed could not be sent, or not ` +
          "whole, in their time: they waited in this client, and the errors say for what.",
      );
    }
    return notes;
  });
}
