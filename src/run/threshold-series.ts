/** Checks, before anything is written, that the series that thresholds name are ones of the run. */
import { flagError } from "../errors.ts";
import type { EndpointName } from "../load/messages.ts";
import type { RunPlan } from "../plan/schema.ts";
import { endpointSeriesNames, isHeldAgainst } from "../result/named-series.ts";

/**
 * @param endpoints those whose requests are recorded apart, where they are known; null: of none
 * @throws BenchError (usage) that names the flag, and the series that there are
 */
export function checkThresholdSeries(
  plan: RunPlan,
  operations: readonly string[],
  endpoints: readonly EndpointName[] | "not-known" | null = null,
): void {
  const known = endpoints === "not-known" ? [] : (endpoints ?? []);
  const ofEndpoints = operations.flatMap((operation) =>
    known.flatMap((each) => endpointSeriesNames({ operation, ...each })),
  );
  const series = [...operations, ...ofEndpoints];
  const limits = plan.search?.limits ?? [];
  for (const threshold of [...limits, ...plan.judge.thresholds]) {
    const named = endpoints === "not-known" ? withoutEndpoint(threshold.series) : threshold.series;
    const isHeld = (name: string) => isHeldAgainst({ series: named }, name, plan.workload.kind);
    if (series.some(isHeld)) continue;
    const isOfEndpoint = endpoints === null && threshold.series?.includes("@");
    const hint = isOfEndpoint ? "; --by=endpoint records each endpoint apart" : "";
    const flag = limits.includes(threshold) ? "find-max" : "threshold";
    throw flagError(
      flag,
      `--${flag}=${JSON.stringify(threshold.expression)}: ${JSON.stringify(threshold.series)} is no series ` +
        `of this run, which has ${series.join(", ")}${hint}`,
    );
  }
}

/** `put` of `put@127.0.0.1:2379` */
function withoutEndpoint(series: string | null): string | null {
  return series === null ? null : series.replace(/@.*$/s, "");
}
