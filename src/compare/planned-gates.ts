/** Lists the gates that the runs of two plans will have, before anything is measured. */
import type { RunPlan } from "../plan/schema.ts";
import { workloadNamed } from "../workloads/catalogue.ts";
import { AVAILABILITY_METRICS } from "./availability-metrics.ts";
import { checkGates, type Gate, isGated } from "./gates.ts";
import { ETCD, METRICS, type Metric } from "./metrics.ts";
import type { MetricComparison, MetricName } from "./schema.ts";

/** Of one series. */
export type PlannedGate = Pick<MetricComparison, "metric" | "leastEffect">;

export interface PlannedGates {
  gates: readonly PlannedGate[];
  /** Whether it is sure that the runs have requests enough for all of them; else there may be fewer. */
  isSure: boolean;
}

/**
 * @param names of the series that the runs of both plans will have
 * @param leastEffects in place of the metrics' own
 * @throws BenchError (usage) where a gate names an operation that is none of them
 */
export function plannedGates(
  { a, b }: { a: RunPlan; b: RunPlan },
  names: readonly string[],
  declared: readonly Gate[],
  leastEffects: Partial<Record<MetricName, number>> = {},
): PlannedGates {
  const { kind } = a.workload;
  checkGates(
    declared,
    [...names, ETCD].map((operation) => ({ operation, kind })),
  );
  const workload = workloadNamed(kind);
  const roles = names.map((name) => workload.seriesRole(name, names));
  const counted = roles.filter((role) => role === "requests").length;
  const passes = workload.passes(a.workload);
  const metrics = [...METRICS, ...(workload.keepsEachRequest ? AVAILABILITY_METRICS : [])];
  const isSameLoad =
    a.load.clients === b.load.clients && a.pacing.ratePerSec === b.pacing.ratePerSec;
  const gates = names.flatMap((operation, at) => {
    const role = roles[at]!;
    const standsForLoad = role === "requests" || role === "outcome";
    return metrics.flatMap((metric) => {
      if (!isGated(declared, { operation, metric: metric.name, standsForLoad }, kind)) return [];
      if (metric.isLatency && !isSameLoad) return [];
      const most = role === "requests" ? fewestTotal(a, b) * passes : Number.POSITIVE_INFINITY;
      if (most < metric.leastRequests) return [];
      const leastEffect = leastEffects[metric.name] ?? metric.leastEffect;
      const isSure = role === "requests" && counted === passes && hasEnough(a, b, metric);
      return [{ gate: { metric: metric.name, leastEffect }, isSure }];
    });
  });
  return { gates: gates.map(({ gate }) => gate), isSure: gates.every(({ isSure }) => isSure) };
}

/** Infinite where both runs end by time. */
function fewestTotal(...plans: readonly RunPlan[]): number {
  return Math.min(...plans.map(({ limits }) => limits.totalRequests ?? Number.POSITIVE_INFINITY));
}

function hasEnough(a: RunPlan, b: RunPlan, { leastRequests }: Metric): boolean {
  if (leastRequests === 0) return true;
  return [a, b].every(({ limits: { totalRequests, durationMs } }) => {
    return durationMs === null && (totalRequests ?? 0) >= leastRequests;
  });
}
