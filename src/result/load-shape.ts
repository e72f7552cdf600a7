/**
 * Owns what kind of load an operation of a result stood under, in the terms of the published
 * tables: two operations of the same shape may be shown side by side.
 */
import type { Consistency, Workload } from "../plan/schema.ts";
import type { ValueSize } from "../plan/value-size.ts";
import type { OperationResult, RunResult } from "./schema.ts";

export interface LoadShape {
  kind: RunResult["plan"]["workload"]["kind"];
  keySizeBytes: number;
  /** Of each value, or their mean. */
  valSizeBytes: number;
  /** Null where all values have one size. */
  valueSize: ValueSize | null;
  /** Null for what is no read. */
  consistency: Consistency | null;
  /** False where there are none, for a range over keys that were there already, or of which answers hold only a part. */
  knownSizes: boolean;
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
  const members = result.target.members.length || null;
  const sizes = sizesOf(workload);
  return {
    kind: workload.kind,
    keySizeBytes: sizes?.keySizeBytes ?? 0,
    valSizeBytes: sizes?.valSizeBytes ?? 0,
    valueSize: sizes !== null && "valueSize" in workload ? workload.valueSize : null,
    consistency: consistencyOf(operation, workload),
    knownSizes:
      sizes !== null &&
      (workload.kind !== "range" ||
        (workload.key === null &&
          workload.keySpace === null &&
          workload.content === "all" &&
          workload.fetch === "whole")),
    connections: load.connections,
    clients: load.clients,
    target: targetOf(result),
    members,
    ratePerSec: pacing.ratePerSec,
  };
}

/** Null for what has no keys and values of a size that it is known by. */
function sizesOf(workload: Workload): { keySizeBytes: number; valSizeBytes: number } | null {
  if (!("valSizeBytes" in workload)) return null;
  const { valSizeBytes } = workload;
  if ("keySizeBytes" in workload) return { keySizeBytes: workload.keySizeBytes, valSizeBytes };
  if (!("keys" in workload) || typeof workload.keys === "number") return null;
  return { keySizeBytes: workload.keys.keySizeBytes, valSizeBytes };
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

/** A range's name ends in its consistency: `range-serializable`. */
function consistencyOf(operation: OperationResult, workload: Workload): Consistency | null {
  if (workload.kind !== "range") return null;
  return workload.consistency.find((each) => operation.name.endsWith(`-${each}`)) ?? null;
}

function targetOf({ plan, target }: RunResult): LoadShape["target"] {
  const hasMoved = target.changes.some(({ kind }) => kind === "leader");
  if (plan.target.leaderOnly) return hasMoved ? "some members" : "leader";
  return target.endpoints.length >= target.members.length ? "all members" : "some members";
}
