/** How much a run is going to write, in puts and deletes. */
import type { RunPlan } from "../plan/schema.ts";
import type { PlannedWrites } from "../plan/written-bytes.ts";
import { workloadNamed } from "./catalogue.ts";

/** Null where the plan does not say how many, or writes nothing worth counting. */
export function plannedWrites(plan: RunPlan): PlannedWrites | null {
  const { workload, pacing } = plan;
  const definition = workloadNamed(workload.kind);
  // What ends by itself writes what its own flags say.
  const requests = definition.endsByItself ? 0 : plannedRequests(plan);
  if (requests === null) return null;
  const written = definition.plannedWrites(workload, requests, pacing.ratePerSec);
  return written === null || written.puts + written.deletes === 0 ? null : written;
}

/**
 * With those of the warm-up. A closed loop that time may end sends as many as etcd bears until
 * then, whatever its total.
 */
function plannedRequests({ limits, pacing: { ratePerSec } }: RunPlan): number | null {
  if (limits.durationMs !== null && ratePerSec === null) return null;
  const during = (ms: number | null) =>
    ms === null || ratePerSec === null ? null : Math.ceil((ratePerSec * ms) / 1000);
  const bounds = [limits.totalRequests, during(limits.durationMs)].filter((each) => each !== null);
  if (bounds.length === 0) return null;
  return Math.min(...bounds) + (limits.warmupRequests ?? during(limits.warmupMs) ?? 0);
}
