/** Says at the end of a run what it leaves in etcd, and how to delete it. */
import type { RunPlan } from "../plan/schema.ts";
import { accessWords } from "../plan/to-command.ts";
import type { RunResult } from "../result/schema.ts";
import { shellLine } from "../shell-words.ts";
import { workloadNamed } from "../workloads/catalogue.ts";
import { leftKeys, wroteNothing } from "./left-keys.ts";

/**
 * Null where no keys stay: the etcd is gone, they were deleted, or there are none.
 * @param saved the folder or file that has the results; null: they are not kept
 * @param isFirst false: other segments of the same plan have run before
 * @param isSaving they were to be kept
 */
export async function leftKeysHint(
  plan: RunPlan,
  results: readonly RunResult[],
  saved: string | null,
  { isFirst = true, isSaving = false }: { isFirst?: boolean; isSaving?: boolean } = {},
): Promise<string | null> {
  if (plan.target.local !== null || plan.cleanup) return null;
  if (isFirst && wroteNothing(results)) return null;
  const last = results.findLast((result) => !wroteNothing([result]));
  if (last !== undefined && (await deletedAll(last))) return null;
  const started = results.reduce((sum, result) => sum + requestsOf(result, "started"), 0);
  const keys = await leftKeys(plan, started);
  if (keys === null) return null;
  const stay = `what this run has put stays in etcd, ${keys.words}`;
  const which = saved ?? (keys.prefix === null ? null : `--prefix=${keys.prefix}`);
  if (which === null) {
    const afterSave = isSaving || results.length === 0 ? "" : ", and after --save bench clean does";
    return `${stay}; with --cleanup a run deletes its own${afterSave}`;
  }
  return `${stay}; to delete it: ${cleanLine(which, plan)}`;
}

/** Each run puts all of its keys first, so that the last one decides which are left. */
async function deletedAll(result: RunResult): Promise<boolean> {
  const { workload } = result.plan;
  const preparation = await workloadNamed(workload.kind).preparation();
  return preparation.deletesAll?.(workload, requestsOf(result, "succeeded")) ?? false;
}

function requestsOf({ operations }: RunResult, which: "started" | "succeeded"): number {
  return operations.reduce((sum, { requests }) => sum + requests[which], 0);
}

/** The same of a session of many runs, whose results are saved in a folder; null: it is gone. */
export async function leftKeysOfSession(
  results: readonly RunResult[],
  folder: string | null,
): Promise<string | null> {
  for (const result of results) {
    const { plan } = result;
    const hint = await leftKeysHint(plan, [result], folder, { isSaving: true });
    if (hint === null) continue;
    if (folder === null) return hint;
    return `what these runs have put stays in etcd; to delete it: ${cleanLine(folder, plan)}`;
  }
  return null;
}

function cleanLine(which: string, plan: RunPlan): string {
  return `bench ${shellLine(["clean", which, ...accessWords(plan)])}`;
}
