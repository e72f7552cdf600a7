/** The lock workload in a plan. */
import type * as zod from "zod";
import { contentionShape } from "../parts/contention/schema.ts";

export function lockSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("lock"),
    /** etcd's lock service, or its mutex recipe: a key on a lease, and a watch of the one before. */
    locker: z.enum(["lock-rpc", "lock-client"]),
    /** Client k contends for lock k mod their number. */
    locks: z.int().min(1),
    ...contentionShape(z),
  });
}

export type LockWorkload = zod.infer<ReturnType<typeof lockSchema>>;
