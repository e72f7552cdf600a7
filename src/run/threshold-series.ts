/** Checks, before anything is written, that the series that thresholds name are ones of the run. */
import { usageError } from "../errors.ts";
import type { EndpointName } from "../load/messages.ts";
import type { RunPlan } from "../plan/schema.ts";
import { endpointSeriesNames, isHeldAgainst } from "../result/named-series.ts";

/**
 * @param endpoints those whose requests are recorded apart; null: of none
 * @throws BenchError (usage) that names the flag, and the series that there are
 */
export function checkThresholdSeries(
  plan: RunPlan,
  operations: readonly string[],
  endpoints: readonly EndpointName[] | null = null,
): void {
  const ofEndpoints = operations.flatMap((operation) =>
    (endpoints ?? []).flatMap((each) => endpointSeriesNames({ operation, ...each })),
  );
  const series = [...operations, ...ofEndpoints];
  const limits = plan.search?.limits ?? [];
  for (const threshold of [...limits, ...plan.judge.thresholds]) {
    if (series.some((name) => isHeldAgainst(threshold, name, plan.workload.kind))) continue;
    const isOfEndpoint = endpoints === null && threshold.series?.includes("@");
    const hint = isOfEndpoint ? "; --by=endpoint records each endpoint apart" : "";
    const flag = limits.includes(threshold) ? "--find-max" : "--threshold";
    throw usageError(
      `${flag}=${JSON.stringify(threshold.expression)}: ${JSON.stringify(threshold.series)} is no series ` +
        `of this run, which has ${series.join(", ")}${hint}`,
    );
  }
}
