/** Gives a worker the load of lock and election: its slots, and the keys that it has written. */
import type { Load } from "../../../load/load.ts";
import type { OperationSpec } from "../../../load/messages.ts";
import { workersOf } from "../../../plan/shares.ts";
import { keyOf } from "./client-lock.ts";
import { Contend } from "./contend.ts";
import {
  type ContendRequests,
  contendHeldConnections,
  contendSlotConnections,
} from "./contend-requests.ts";
import { ContentionBoard } from "./contention-board.ts";

export interface ContendSpec extends OperationSpec {
  kind: "contend";
  contend: ContendRequests;
}

export const contendLoad: Load<ContendSpec> = {
  kind: "contend",
  make: ({ contend }, { share, operations, transport, firstExtraSlot }) =>
    new Contend(contend, share, operations, transport, firstExtraSlot),
  extraSlots: ({ contend }, share) => contendSlotConnections(contend, share),
  heldSlots: ({ contend }, share) => contendHeldConnections(contend, share),
  // A client that waits for its turn holds a call or a watch until others have had theirs.
  holdsClientStreams: () => true,
  dealtAnew: (spec, shape) => ({
    ...spec,
    contend: { ...spec.contend, workers: workersOf(shape) },
  }),
  *writtenKeys({ contend }, { clientNumbers }, _, begun) {
    if (!begun.some((count) => count > 0)) return;
    const { plan, names, leases, board } = contend;
    const isRecipe = plan.kind === "lock" && plan.locker === "lock-client";
    const view = new ContentionBoard(board, { names: names.length, clients: leases.length });
    for (const client of clientNumbers) {
      // A session in doubt was revoked before the next one was granted.
      for (const lease of new Set([leases[client]!, view.leaseOf(client)])) {
        const name = names[view.nameOf(client)]!;
        // As etcd's lock and election name what an owner puts.
        yield isRecipe
          ? keyOf({ name, lease })
          : Buffer.from(`${name}/${BigInt(lease).toString(16)}`);
      }
    }
  },
};
