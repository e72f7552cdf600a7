/** Owns which requests the operations of the mixed workload send. */
import type { MixedOperation, MixedWorkload } from "../../plan/schema.ts";
import type { WorkerShare } from "../../plan/shares.ts";
import type { Transport } from "../transport.ts";
import { Delete } from "./delete.ts";
import type { MixKind } from "./mix.ts";
import { Put } from "./put.ts";
import { RangeKey } from "./range-key.ts";
import { type RequestSource, SingleCalls } from "./single-calls.ts";
import { TxnPut } from "./txn-put.ts";

/** Of all together, and then of each operation, in the plan's order. */
export function mixedSeries({ mix }: MixedWorkload): string[] {
  return ["mixed", ...mix.map(({ operation }) => `mixed-${operation}`)];
}

export function mixedKinds(
  plan: MixedWorkload,
  seed: number,
  share: WorkerShare,
  transport: Transport,
): MixKind[] {
  const { keys, valSizeBytes, valueSize, consistency, txnOps } = plan;
  const values = { valSizeBytes, valueSize };
  const makeSource = (operation: MixedOperation): RequestSource => {
    switch (operation) {
      case "put":
        return new Put({ kind: "put", keys, ...values }, seed, share, transport);
      case "range":
        return new RangeKey(keys, { end: null, consistency }, seed, share, transport);
      case "delete":
        return new Delete(keys, seed, share, transport);
      case "txn-put":
        return new TxnPut({ keys, ...values, txnOps }, seed, share, transport);
    }
  };
  return plan.mix.map(({ operation, weight }) => ({
    weight,
    make: (operations) =>
      new SingleCalls(makeSource(operation), share.clientConnections.length, operations, transport),
  }));
}
