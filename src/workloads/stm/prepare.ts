/** Prepares `bench stm`: with a locker, a lock of this run and a lease for each client. */
import { operation } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { uint32 } from "../parts/keys/keys-to-check.ts";
import { prepareLeases } from "../parts/leases/client-leases.ts";
import type { Preparation } from "../preparation.ts";
import { type StmSpec, stmSeries } from "./load.ts";
import type { StmWorkload } from "./schema.ts";

/** No client keeps them alive: a run that ends revokes them, one that dies leaves its own lock. */
const LOCK_TTL_SECONDS = 24 * 3600;

export const preparation: Preparation<StmWorkload> = {
  series: stmSeries,
  async prepare(workload, { plan, target, access }) {
    if (workload.locker === "stm") return { operations: [transactions(workload, null)] };
    const { clients } = plan.load;
    const granted = await prepareLeases(LOCK_TTL_SECONDS, clients, target.endpoints, access);
    const { leases, cleanUp } = granted;
    // etcd gives no id twice, so the lock is this run's alone.
    const lock = { name: `${workload.prefix}lock/${leases[0]}`, leases };
    return { operations: [transactions(workload, lock)], cleanUp };
  },
  plannedOperations: (workload) => [transactions(workload, null)],
  keysToCheck({ prefix, keySpaceSize, locker }) {
    const both = [0, keySpaceSize - 1].map((index) =>
      Buffer.concat([Buffer.from(prefix), uint32(index)]),
    );
    const lock = locker === "stm" ? [] : [Buffer.from(`${prefix}lock/`)];
    return { written: [...both, ...lock], read: both };
  },
};

function transactions(workload: StmWorkload, lock: StmSpec["stm"]["lock"]): OperationSpec {
  return operation<StmSpec>({
    series: stmSeries(workload),
    kind: "stm",
    stm: { plan: workload, lock },
  });
}
