/** The key space that a workload writes to, where it has one. */
import type { KeySpace, Workload } from "./schema.ts";

export function ownKeySpace(workload: Workload): KeySpace | null {
  if ("keySpace" in workload) return workload.keySpace;
  return "keys" in workload ? workload.keys : null;
}
