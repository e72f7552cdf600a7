/** Checks before a suite's first run what all of its runs need of this machine. */
import { isNamedPipe } from "../../access/named-pipe.ts";
import { readTlsFiles } from "../../access/tls-files.ts";
import { usageError } from "../../errors.ts";
import { ETCD } from "../../flags/target.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { checkBeforeTarget } from "../../run/prepare/before-target.ts";
import { shellLine } from "../../shell-words.ts";
import { checkProcessLimits } from "../measure/process-limits.ts";
import { placed, placedByFlag } from "./cell-errors.ts";
import type { PlannedCell } from "./plans.ts";

/** @throws BenchError for a limit, a folder or a named etcd that would end each run, or every second */
export async function checkTargets(
  cells: readonly Pick<PlannedCell, "plan" | "preparePlans" | "flags" | "etcdFlag" | "placeOf">[],
): Promise<void> {
  const { findEtcd } = await import("../../etcd/etcd-binary/find.ts");
  const { checkClusterFolder } = await import("../../etcd/local-cluster.ts");
  if (cells.some(({ plan }) => plan.target.local !== null)) checkClusterFolder();
  const known = new Set<string>();
  for (const cell of cells) {
    const { plan, preparePlans, flags, etcdFlag } = cell;
    await placedByFlag(cell, () => checkHere(plan));
    await placed(cell, () => checkBeforeTarget(plan));
    for (const each of preparePlans) {
      await placed(cell, () => checkHere(each), "prepare");
      await placed(cell, () => checkBeforeTarget(each), "prepare");
    }
    const etcd = ETCD.read(flags);
    if (plan.target.local === null || etcd === null || known.has(etcd)) continue;
    known.add(etcd);
    await findEtcd({ explicitPath: etcd, explicitOrigin: etcdFlag, fetch: false });
  }
  await checkServerArgs(cells);
}

/**
 * Asks the etcds that are here whether they take their flags; one that is to be fetched is asked then.
 * @throws BenchError (usage) with the place in the file, and etcd's reason
 */
async function checkServerArgs(
  cells: readonly Pick<PlannedCell, "plan" | "flags" | "etcdFlag" | "placeOf">[],
): Promise<void> {
  const { findEtcd, lookForEtcd } = await import("../../etcd/etcd-binary/find.ts");
  const { refusedServerArg } = await import("../../etcd/etcd-binary/server-args.ts");
  const asked = new Set<string>();
  for (const cell of cells) {
    const args = cell.plan.target.local?.serverArgs ?? [];
    const etcd = ETCD.read(cell.flags);
    const key = JSON.stringify([etcd, args]);
    if (args.length === 0 || asked.has(key)) continue;
    asked.add(key);
    const binary =
      etcd === null
        ? await lookForEtcd()
        : await findEtcd({ explicitPath: etcd, explicitOrigin: cell.etcdFlag, fetch: false });
    if (binary === null) continue;
    await placed(
      cell,
      async () => {
        const refused = await refusedServerArg(binary.path, args);
        if (refused === null) return;
        throw usageError(`etcd ${binary.version} does not take ${shellLine(args)}: ${refused}`);
      },
      "server-args",
    );
  }
}

/** What a run needs of this process and its files. @throws BenchError (usage) that names the flag */
async function checkHere(plan: RunPlan): Promise<void> {
  await checkProcessLimits(plan);
  checkTlsFiles(plan.target);
}

/** A pipe is read once, for its run. @throws BenchError (usage) that names the flag and the file */
function checkTlsFiles({ local, tls }: RunPlan["target"]): void {
  if (local !== null || tls === null) return;
  const files = [tls.caFile, tls.certFile, tls.keyFile].filter((file) => file !== null);
  if (!files.some(isNamedPipe)) readTlsFiles(tls);
}

/**
 * Finds, or fetches, the etcd of the cells that name none.
 * @throws BenchError where there is none and none can be fetched or kept
 */
export async function fetchEtcd(
  cells: readonly PlannedCell[],
  say: (line: string) => void,
): Promise<void> {
  const needed = cells.some(({ plan, flags }) => plan.target.local && ETCD.read(flags) === null);
  if (!needed) return;
  const { findEtcd } = await import("../../etcd/etcd-binary/find.ts");
  await findEtcd({ say });
  await checkServerArgs(cells);
}
