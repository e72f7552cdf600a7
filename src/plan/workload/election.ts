/** Reads the flags of the election workload into its part of the plan. */
import { countOf, type PlanFlags } from "../plan-flags.ts";
import { contentionFromFlags, MAX_NAMES } from "./contention.ts";
import type { ElectionWorkload } from "./election-schema.ts";

const MAX_PROCLAIMS = 1_000_000;

export function electionFromFlags(
  flags: PlanFlags,
  load: { timeoutMs: number; clients: number },
  note: (line: string) => void,
): ElectionWorkload {
  const elections = countOf(flags, "elections", MAX_NAMES);
  const names = { names: elections, defaultPrefix: "bench-election/" };
  return {
    kind: "election",
    elections,
    proclaims: countOf(flags, "proclaims", MAX_PROCLAIMS, 0),
    ...contentionFromFlags(flags, load, names, note),
  };
}
