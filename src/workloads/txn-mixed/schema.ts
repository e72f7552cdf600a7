/** The txn-mixed workload in a plan. */
import type * as zod from "zod";
import { keySpaceSchema } from "../../plan/key-space.ts";
import { valuesShape } from "../../plan/values-schema.ts";
import { consistencySchema } from "../parts/consistency.ts";

/** Transactions of one operation each: a range, or a put of the next key, in order or drawn. */
export function txnMixedSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("txn-mixed"),
    keys: keySpaceSchema(z),
    ...valuesShape(z),
    /** UTF-8. Empty: ranges start at the first key there is. Null: at the key space's first one. */
    key: z.string().nullable(),
    /** UTF-8, exclusive. Null: the one `key`; all keys where it is empty; the key space's end. */
    end: z.string().nullable(),
    /** Keys in an answer; null: all. */
    limit: z.int().min(1).nullable(),
    consistency: consistencySchema(z),
    /** Ranges per put. */
    rwRatio: z.number().min(0),
  });
}

export type TxnMixedWorkload = zod.infer<ReturnType<typeof txnMixedSchema>>;
