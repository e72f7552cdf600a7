/** Owns what stm needs before it starts: with a locker, a lock of this run and a lease a client. */

import type { ControlAccess } from "../../etcd/control-client.ts";
import { stmSeries } from "../../load/workload/stm.ts";
import type { StmWorkload } from "../../plan/workload/stm-schema.ts";
import { type PreparedLeases, prepareLeases } from "./lease-keepalive.ts";

/** Nobody keeps them alive: a run that ends revokes them, one that dies leaves its own lock behind. */
const LOCK_TTL_SECONDS = 24 * 3600;

export async function prepareStm(
  plan: StmWorkload,
  clients: number,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<Partial<PreparedLeases> & Pick<PreparedLeases, "operations">> {
  const series = stmSeries(plan);
  if (plan.locker === "stm") {
    return { operations: [{ series, kind: "stm", stm: { plan, lock: null } }] };
  }
  const { leases, cleanUp } = await prepareLeases(LOCK_TTL_SECONDS, clients, endpoints, access);
  // etcd gives no id twice, so the lock is this run's alone.
  const lock = { name: `${plan.prefix}lock/${leases[0]}`, leases };
  return { operations: [{ series, kind: "stm", stm: { plan, lock } }], cleanUp };
}
