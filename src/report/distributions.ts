/** Lists the latency distributions of results that are kept whole, and names each. */

import type { Latency, OperationResult, RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import { formatCount } from "../tables/number-format.ts";
import { formatNoun } from "../text/noun.ts";

export interface Distribution {
  result: RunResult;
  operation: OperationResult;
  clock: "service" | "response" | "failed";
  latency: Latency;
  /** HdrHistogram V2, compressed, base64; nanoseconds. */
  histogram: string;
}

/** In the order of results and operations; none of what was published elsewhere, or is empty. */
export function distributionsOf(results: readonly RunResult[]): Distribution[] {
  return shownInFull(results).flatMap((result) =>
    result.operations.flatMap((operation) => {
      const { serviceTime, responseTime, failedTime } = operation;
      const clocks = [
        ["response", responseTime],
        ["service", serviceTime],
        ["failed", failedTime],
      ] as const;
      return clocks.flatMap(([clock, latency]): Distribution[] => {
        if (latency === null || latency.histogram === null || latency.count === 0) return [];
        return [{ result, operation, clock, latency, histogram: latency.histogram }];
      });
    }),
  );
}

/** For a comment line; null where the histogram has all requests. */
export function missingText({ latency: { count, missing } }: Distribution): string | null {
  if (missing === null) return null;
  return (
    `${formatCount(missing.count)} of ${formatNoun(count + missing.count, "request")} ${missing.count === 1 ? "has" : "have"} ` +
    "no latency: the percentiles here are of the others alone, and of all requests none above " +
    `${sharePercent(count, missing.count)}% is known`
  );
}

/** Rounded down: at least so much of the requests was answered. */
function sharePercent(answered: number, missing: number): number {
  return Math.floor((answered / (answered + missing)) * 1e4) / 100;
}

/** A word: `put` of a closed loop, else `put-response`, `put-service`; with the id of the run where there are several. */
export function distributionTag(
  { result, operation, clock }: Distribution,
  hasSeveralRuns: boolean,
): string {
  const isOnly = clock === "service" && operation.responseTime === null;
  const name = isOnly ? operation.name : `${operation.name}-${clock}`;
  return (hasSeveralRuns ? `${name}.${result.id}` : name).replace(/[^\w.-]+/g, "_");
}
