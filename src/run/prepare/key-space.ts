/** Owns the operations of workloads over a key space of their own: nothing is looked up for them. */
import type { OperationSpec } from "../../load/messages.ts";
import type { TxnPutWorkload } from "../../plan/schema.ts";

export function keySpaceOperations(workload: TxnPutWorkload): OperationSpec[] {
  switch (workload.kind) {
    case "txn-put":
      return [{ series: ["txn-put"], kind: "txn-put", txnPut: workload }];
  }
}
