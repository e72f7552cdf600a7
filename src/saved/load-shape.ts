/**
 * Describes the kind of load of an operation in a result, in the terms of the published tables: two
 * operations of the same shape may be shown side by side.
 */
import type { WorkloadPlan } from "../plan/schema.ts";
import type { ValueSize } from "../plan/value-size.ts";
import type { OperationResult, RunResult } from "../result/schema.ts";
import { workloadNamed } from "../workloads/catalogue.ts";
import type { Consistency } from "../workloads/parts/consistency.ts";

export interface LoadShape {
  kind: RunResult["plan"]["workload"]["kind"];
  keySizeBytes: number;
  /** Of each value, or their mean. */
  valSizeBytes: number;
  /** Null where all values have one size. */
  valueSize: ValueSize | null;
  /** Null for what is no read. */
  consistency: Consistency | null;
  /** False where there are none, or where the plan does not say them all. */
  knownSizes: boolean;
  /** False for what rates are not shown of, such as the pages of a scan. */
  isInRateTables: boolean;
  connections: number;
  clients: number;
  target: "leader" | "all members" | "some members";
  /** Null where the members are not known. */
  members: number | null;
  /** Requests per second; null in a closed loop. */
  ratePerSec: number | null;
}

export function loadShape(result: RunResult, operation: OperationResult): LoadShape {
  const { load, pacing, workload } = result.plan;
  const published = workloadNamed(workload.kind).publishedShape(workload, operation.name);
  const members = result.target.members.length || null;
  const sizes = sizesOf(workload);
  return {
    kind: workload.kind,
    keySizeBytes: sizes?.keySizeBytes ?? 0,
    valSizeBytes: sizes?.valSizeBytes ?? 0,
    valueSize: sizes === null ? null : (workload.valueSize ?? null),
    consistency: published?.consistency ?? null,
    knownSizes: sizes !== null && (published?.hasKnownSizes ?? false),
    isInRateTables: published !== null,
    connections: load.connections,
    clients: load.clients,
    target: targetOf(result),
    members,
    ratePerSec: pacing.ratePerSec,
  };
}

/** Null for what has no keys and values of a size that it is known by. */
function sizesOf({ keys, keySizeBytes = keys?.keySizeBytes, valSizeBytes }: WorkloadPlan) {
  if (keySizeBytes === undefined || valSizeBytes === undefined) return null;
  return { keySizeBytes, valSizeBytes };
}

/** Alike in all that the published tables state; a closed loop and a paced run never are. */
export function sameShape(a: LoadShape, b: LoadShape): boolean {
  return (
    a.kind === b.kind &&
    a.keySizeBytes === b.keySizeBytes &&
    a.valSizeBytes === b.valSizeBytes &&
    JSON.stringify(a.valueSize) === JSON.stringify(b.valueSize) &&
    a.consistency === b.consistency &&
    a.knownSizes === b.knownSizes &&
    a.connections === b.connections &&
    a.clients === b.clients &&
    a.target === b.target &&
    a.members === b.members &&
    a.ratePerSec === b.ratePerSec
  );
}

function targetOf({ plan, target }: RunResult): LoadShape["target"] {
  const hasMoved = target.changes.some(({ kind }) => kind === "leader");
  if (plan.target.leaderOnly) return hasMoved ? "some members" : "leader";
  return target.endpoints.length >= target.members.length ? "all members" : "some members";
}
