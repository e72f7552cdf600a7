/** Owns what lock and election need before they start: names of this run alone, and a lease a client. */

import type { ControlAccess } from "../../etcd/control-client.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { contendSeries } from "../../load/workload/contend-requests.ts";
import { boardBuffer, ContentionBoard } from "../../load/workload/contention-board.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { workersOf } from "../../plan/shares.ts";
import type { ElectionWorkload } from "../../plan/workload/election-schema.ts";
import type { LockWorkload } from "../../plan/workload/lock-schema.ts";
import type { Fairness } from "../../result/schema.ts";
import { fairnessOf } from "../../stats/fairness.ts";
import { prepareLeases } from "./lease-keepalive.ts";

export interface PreparedContention {
  operations: OperationSpec[];
  /** Of the measured phase, when it is over. */
  fairness: () => Fairness;
  cleanUp: () => Promise<string[]>;
}

export async function prepareContention(
  plan: LockWorkload | ElectionWorkload,
  load: RunPlan["load"],
  endpoints: readonly string[],
  access: ControlAccess,
  notes: string[],
): Promise<PreparedContention> {
  const { clients } = load;
  const granted = await prepareLeases(plan.ttlSeconds, clients, endpoints, access);
  const { leases } = granted;
  const count = plan.kind === "lock" ? plan.locks : plan.elections;
  // etcd gives no id twice, so the names are this run's alone.
  const names = Array.from({ length: count }, (_, at) => `${plan.prefix}${leases[0]}/${at}`);
  const shape = { names: count, clients };
  const board = boardBuffer(shape);
  const view = new ContentionBoard(board, shape);
  for (const [client, lease] of leases.entries()) view.setLease(client, lease);
  const workers = workersOf(load);
  notes.push(
    `${plan.kind}-hand-over runs from the send of the release to the next owner's grant, where that ` +
      "client had asked before the release was sent.",
  );
  return {
    operations: [
      {
        series: contendSeries(plan),
        kind: "contend",
        contend: { plan, names, leases: [...leases], board, workers },
      },
    ],
    fairness: () => fairnessOf(view.acquisitions),
    cleanUp: () => {
      // A client whose session was in doubt has another lease now.
      for (const client of leases.keys()) leases[client] = view.leaseOf(client);
      return granted.cleanUp();
    },
  };
}
