/** The txn-put workload in a plan. */
import type * as zod from "zod";
import { keySpaceSchema } from "../../plan/key-space.ts";
import { valuesShape } from "../../plan/values-schema.ts";

/** Transactions of `txnOps` puts under the next keys in order; at most `keySpaceSize` of them. */
export function txnPutSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("txn-put"),
    keys: keySpaceSchema(z),
    ...valuesShape(z),
    txnOps: z.int().min(1),
  });
}

export type TxnPutWorkload = zod.infer<ReturnType<typeof txnPutSchema>>;
