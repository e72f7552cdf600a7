/** Owns which members a run defragments, and in which order. */
import { usageError } from "../../errors.ts";
import type { TargetInfo, TargetMember } from "../../etcd/inspect.ts";
import type { RunPlan } from "../../plan/schema.ts";

/**
 * The leader comes last, so that what its pause does to the cluster comes once the others are done.
 * @throws BenchError (usage) where no member is the one that was named
 */
export function membersToDefragment(
  { maintenance }: Pick<RunPlan, "maintenance">,
  { members }: Pick<TargetInfo, "members">,
): TargetMember[] {
  if (maintenance.defragmentation === null) return [];
  const { member: wanted } = maintenance.defragmentation;
  if (wanted === null) {
    return members.toSorted((a, b) => Number(a.isLeader ?? false) - Number(b.isLeader ?? false));
  }
  const named = members.filter(({ id, name, endpoint }) => [id, name, endpoint].includes(wanted));
  if (named.length > 0) return named;
  const known = members.map(({ name }) => name).join(", ");
  throw usageError(
    `--defrag-member: ${JSON.stringify(wanted)} is no member of the cluster; give one of ${known}`,
  );
}
