/** Owns the look, before any load, whether the series that thresholds name are ones of the run. */
import { usageError } from "../errors.ts";
import type { OperationSpec } from "../load/messages.ts";
import type { RunPlan } from "../plan/schema.ts";
import { isHeldAgainst } from "../result/named-series.ts";

/** @throws BenchError (usage) that names the flag, and the series that there are */
export function checkThresholdSeries(plan: RunPlan, operations: readonly OperationSpec[]): void {
  const names = operations.flatMap(({ series, isOutsideClock }) => (isOutsideClock ? [] : series));
  const limits = plan.search?.limits ?? [];
  for (const threshold of [...limits, ...plan.judge.thresholds]) {
    if (names.some((name) => isHeldAgainst(threshold, name, plan.workload.kind))) continue;
    const flag = limits.includes(threshold) ? "--find-max" : "--threshold";
    throw usageError(
      `${flag}=${JSON.stringify(threshold.expression)}: ${JSON.stringify(threshold.series)} is no series ` +
        `of this run, which has ${names.join(", ")}`,
    );
  }
}
