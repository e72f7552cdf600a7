/** Owns `--consistency` of workloads whose reads are of one kind. */
import { usageError } from "../../errors.ts";
import type { PlanFlags } from "../plan-flags.ts";
import type { Consistency } from "../schema.ts";
import { consistencyOf } from "../workload-from-flags.ts";

/** @throws BenchError (usage) for both at once, which only range measures side by side. */
export function oneConsistencyOf(flags: PlanFlags): Consistency {
  const [consistency, ...more] = consistencyOf(flags);
  if (more.length > 0) {
    throw usageError(
      `--consistency=${flags.consistency}: only range measures both in one run; give l or s`,
    );
  }
  return consistency!;
}
