/** The stm workload in a plan. */
import type * as zod from "zod";
import { valuesShape } from "../../plan/values-schema.ts";

export function stmSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("stm"),
    /** As etcd's concurrency package names them. */
    isolation: z.enum([
      "read-committed",
      "repeatable-reads",
      "serializable",
      "serializable-snapshot",
    ]),
    keySpaceSize: z.int().min(1),
    /** Distinct ones, each of which is read. */
    keysPerTxn: z.int().min(1),
    /** Of a transaction's keys, those that are written too; what is no whole key is a chance of one. */
    writePercent: z.int().min(0).max(100),
    /** One lock of all clients around each transaction; `stm`: none. */
    locker: z.enum(["stm", "lock-client", "lock-rpc"]),
    ...valuesShape(z),
    prefix: z.string(),
  });
}

export type StmWorkload = zod.infer<ReturnType<typeof stmSchema>>;
