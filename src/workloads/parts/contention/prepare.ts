/** Prepares lock and election: names of this run alone, and a lease for each client. */

import { operation } from "../../../load/load.ts";
import type { OperationSpec } from "../../../load/messages.ts";
import type { RunPlan } from "../../../plan/schema.ts";
import { workersOf } from "../../../plan/shares.ts";
import { fairnessOf } from "../../../stats/fairness.ts";
import type { ElectionWorkload } from "../../election/schema.ts";
import type { LockWorkload } from "../../lock/schema.ts";
import type { Preparation, PrepareContext, PreparedLoad } from "../../preparation.ts";
import { prepareLeases } from "../leases/client-leases.ts";
import type { ContendSpec } from "./contend-load.ts";
import { contendSeries } from "./contend-requests.ts";
import { boardBuffer, ContentionBoard } from "./contention-board.ts";

export const contentionPreparation: Preparation<LockWorkload | ElectionWorkload> = {
  series: contendSeries,
  prepare: prepareContention,
  plannedOperations: (plan, { plan: { load } }) => [
    contention(plan, load, { names: namesOf(plan, ""), leases: [] }),
  ],
  putsLeasedKeys: () => true,
  leaves: () => null,
  keysToCheck({ prefix }) {
    // The rest of the names is a lease's id, which only a granted lease has.
    const first = [Buffer.from(`${prefix}0/0/`)];
    return { written: first, read: first };
  },
};

async function prepareContention(
  plan: LockWorkload | ElectionWorkload,
  { plan: { load }, target: { endpoints }, access, note }: PrepareContext,
): Promise<PreparedLoad> {
  const { clients } = load;
  const granted = await prepareLeases(plan.ttlSeconds, clients, endpoints, access);
  const { leases } = granted;
  // etcd gives no id twice, so the names are this run's alone.
  const names = namesOf(plan, `${leases[0]}`);
  const shape = { names: names.length, clients };
  const board = boardBuffer(shape);
  const view = new ContentionBoard(board, shape);
  for (const [client, lease] of leases.entries()) view.setLease(client, lease);
  note(
    `${plan.kind}-hand-over runs from the send of the release to the next owner's grant, where that ` +
      "client had asked before the release was sent.",
  );
  return {
    operations: [contention(plan, load, { names, leases: [...leases], board })],
    fairness: () => fairnessOf(view.acquisitions),
    cleanUp: () => {
      // A client whose session was in doubt has another lease now.
      for (const client of leases.keys()) leases[client] = view.leaseOf(client);
      return granted.cleanUp();
    },
  };
}

function namesOf(plan: LockWorkload | ElectionWorkload, own: string): string[] {
  const count = plan.kind === "lock" ? plan.locks : plan.elections;
  return Array.from({ length: count }, (_, at) => `${plan.prefix}${own}/${at}`);
}

function contention(
  plan: LockWorkload | ElectionWorkload,
  load: RunPlan["load"],
  {
    names,
    leases,
    board = boardBuffer({ names: names.length, clients: load.clients }),
  }: Pick<ContendSpec["contend"], "names" | "leases"> &
    Partial<Pick<ContendSpec["contend"], "board">>,
): OperationSpec {
  return operation<ContendSpec>({
    series: contendSeries(plan),
    kind: "contend",
    contend: { plan, names, leases, board, workers: workersOf(load) },
  });
}
