/** Owns which key space a workload writes to, where it has one. */
import type { KeySpace, Workload } from "./schema.ts";

export function ownKeySpace(workload: Workload): KeySpace | null {
  if (workload.kind === "range") return workload.keySpace;
  return "keys" in workload ? workload.keys : null;
}
