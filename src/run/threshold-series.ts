/** Checks, before anything is written, that the series that thresholds name are ones of the run. */
import { usageError } from "../errors.ts";
import type { RunPlan } from "../plan/schema.ts";
import { isHeldAgainst } from "../result/named-series.ts";

/** @throws BenchError (usage) that names the flag, and the series that there are */
export function checkThresholdSeries(plan: RunPlan, series: readonly string[]): void {
  const limits = plan.search?.limits ?? [];
  for (const threshold of [...limits, ...plan.judge.thresholds]) {
    if (series.some((name) => isHeldAgainst(threshold, name, plan.workload.kind))) continue;
    const flag = limits.includes(threshold) ? "--find-max" : "--threshold";
    throw usageError(
      `${flag}=${JSON.stringify(threshold.expression)}: ${JSON.stringify(threshold.series)} is no series ` +
        `of this run, which has ${series.join(", ")}`,
    );
  }
}
