/**
 * Compares the streams of a plan's operations with what servers allow, before the run opens its connections:
 * of an etcd that is named with what it says, of one that is to be started with its flags.
 */
import type { BenchError } from "../../errors.ts";
import type { TargetInfo } from "../../etcd/inspect.ts";
import { streamsNeeded } from "../../load/held-streams.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { splitLoad } from "../../plan/shares.ts";
import { workloadNamed } from "../../workloads/catalogue.ts";
import { loadsOf } from "../../workloads/loads.ts";
import { streamShortage } from "../stream-room.ts";

/**
 * An error that names the connection and the fix; null where all streams have room.
 * @param limitOf by endpoint; null: it is not known, or that of none is
 * @throws BenchError (usage) where the workload cannot be dealt to this load or target
 */
export async function plannedShortage(
  plan: RunPlan,
  target: TargetInfo,
  limitOf: ((endpoint: string) => Promise<number | null>) | null,
): Promise<BenchError | null> {
  const { load, workload } = plan;
  const preparation = await workloadNamed(workload.kind).preparation();
  const operations = preparation.plannedOperations?.(workload, { plan, target }) ?? [];
  // Its streams are those of an HTTP client, which opens connections as it needs them.
  if (limitOf === null || load.transport === "gateway") return null;
  if (operations.length === 0 && load.transport !== "grpc-js") return null;
  const loads = await loadsOf(operations);
  const shares = splitLoad(load, target.endpoints);
  const limits = [];
  for (const [workerIndex, share] of shares.entries()) {
    const streamLimits = [];
    for (const { endpoint } of streamsNeeded(loads, operations, share)) {
      streamLimits.push((await limitOf(endpoint)) ?? Number.POSITIVE_INFINITY);
    }
    limits.push({ workerIndex, streamLimits });
  }
  return streamShortage(loads, limits, shares, operations, load, target.endpoints);
}
