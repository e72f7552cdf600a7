/** Compares what a run needs of this process with its limits: open files, and addresses of its threads. */
import type { OpenFilesPlan } from "../../etcd/open-files.ts";
import { workersOf } from "../../plan/shares.ts";

/** @throws BenchError (usage) that names the flag, with the number needed */
export async function checkProcessLimits(plan: LimitedPlan): Promise<void> {
  const { checkOpenFiles } = await import("../../etcd/open-files.ts");
  const { checkAddressRoom } = await import("../../run/address-room.ts");
  checkOpenFiles(plan);
  const { load } = plan;
  // Threads of agents are elsewhere; what has no clients starts none.
  if (load.agents === undefined && load.clients !== undefined) {
    checkAddressRoom(workersOf({ ...load, clients: load.clients }));
  }
}

export interface LimitedPlan extends OpenFilesPlan {
  load: OpenFilesPlan["load"] & { clients?: number };
}
