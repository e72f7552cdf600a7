/** The key space that a workload writes to, where it has one. */
import type { KeySpace } from "./key-space.ts";
import type { WorkloadPlan } from "./schema.ts";

export function ownKeySpace({ keys, keySpace }: WorkloadPlan): KeySpace | null {
  return keySpace ?? keys ?? null;
}
