/** The lock workload in a plan. */
import * as z from "zod";
import { contentionShape } from "./contention-schema.ts";

export const lockWorkloadSchema = z.object({
  kind: z.literal("lock"),
  /** etcd's lock service, or its mutex recipe: a key on a lease, and a watch of the one before. */
  locker: z.enum(["lock-rpc", "lock-client"]),
  /** Client k contends for lock k mod their number. */
  locks: z.int().min(1),
  ...contentionShape,
});

export type LockWorkload = z.infer<typeof lockWorkloadSchema>;
