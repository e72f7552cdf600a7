/**
 * Ends placed agents: by a message first, then by the engine, then the coordination etcd. What cannot be ended
 * stays in the record, so that the next call tries it again.
 */
import { existsSync, rmSync } from "node:fs";
import { BenchError, usageError } from "../errors.ts";
import { withClusterLock } from "../etcd/named-cluster/cluster-lock.ts";
import { removeIfEmpty } from "../etcd/named-cluster/clusters-folder.ts";
import { endCoordinationEtcd } from "./coordination-etcd.ts";
import type { EngineContext } from "./engine.ts";
import { Placement } from "./placement.ts";
import { emptyPlacementFolder, joinPathOf } from "./record.ts";

/** For agents to leave after they were asked to. */
const LEAVE_WITHIN_MS = 5_000;

type Context = Omit<EngineContext, "folder">;

export interface DownOptions extends Context {
  folder: string;
  name: string;
  /** Also while a run has them. */
  isForced: boolean;
}

/**
 * @returns a sentence for each place where something could not be ended
 * @throws BenchError (usage) while a run has the agents
 */
export async function takeAgentsDown(options: DownOptions): Promise<string[]> {
  const { folder, name, isForced } = options;
  const failures = await withClusterLock(folder, async () => {
    const placement = await Placement.at(folder);
    if (placement === null) {
      emptyPlacementFolder(folder);
      return [];
    }
    const isBusy = await sendAway(placement, options);
    if (isBusy && !isForced) {
      throw usageError(
        `a run has the agents of ${name}: wait for its end, or end it; --force ends its agents under it`,
      );
    }
    return await endPlacement(placement, options);
  });
  removeIfEmpty(folder);
  return failures;
}

/** The caller has the lock. */
export async function endPlacement(placement: Placement, context: Context): Promise<string[]> {
  const { folder, record } = placement;
  const { left, failures } =
    record.plan === null || !record.isBegun
      ? { left: null, failures: [] }
      : await placement.actions.end(record.plan, { ...context, folder });
  placement.change({ plan: left });
  if (record.hasOwnEtcd) await endCoordinationEtcd(folder);
  rmSync(joinPathOf(folder), { force: true });
  if (left === null) emptyPlacementFolder(folder);
  return [...failures];
}

/** Whether a run has them: they stay then. An etcd that does not answer sends no agents away. */
async function sendAway(placement: Placement, { say }: Context): Promise<boolean> {
  const { folder, record, actions } = placement;
  if (record.plan === null || !existsSync(joinPathOf(folder))) return false;
  try {
    const roster = await placement.roster();
    try {
      const names = actions.agents(record.plan).map(({ name }) => name);
      return !(await roster.sendAway(names, LEAVE_WITHIN_MS));
    } finally {
      roster.close();
    }
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    say(`agents: ${error.message}`);
    return false;
  }
}
