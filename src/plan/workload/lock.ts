/** Owns the lock workload in a plan: its schema, and its flags read into it. */
import * as z from "zod";
import { choiceOf, countOf, type PlanFlags } from "../plan-flags.ts";
import { contentionFromFlags, contentionShape, MAX_NAMES } from "./contention.ts";

export const lockWorkloadSchema = z.object({
  kind: z.literal("lock"),
  /** etcd's lock service, or its mutex recipe: a key on a lease, and a watch of the one before. */
  locker: z.enum(["lock-rpc", "lock-client"]),
  /** Client k contends for lock k mod their number. */
  locks: z.int().min(1),
  ...contentionShape,
});

export type LockWorkload = z.infer<typeof lockWorkloadSchema>;

export function lockFromFlags(
  flags: PlanFlags,
  load: { timeoutMs: number; clients: number },
  note: (line: string) => void,
): LockWorkload {
  const locks = countOf(flags, "locks", MAX_NAMES);
  return {
    kind: "lock",
    locker: choiceOf(flags, "locker", ["lock-rpc", "lock-client"]),
    locks,
    ...contentionFromFlags(flags, load, { names: locks, defaultPrefix: "bench-lock/" }, note),
  };
}
