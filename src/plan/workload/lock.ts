/** Reads the flags of the lock workload into its part of the plan. */
import { choiceOf, countOf, type PlanFlags } from "../plan-flags.ts";
import { contentionFromFlags, MAX_NAMES } from "./contention.ts";
import type { LockWorkload } from "./lock-schema.ts";

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
