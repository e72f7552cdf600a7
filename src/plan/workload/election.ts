/** Owns the election workload in a plan: its schema, and its flags read into it. */
import * as z from "zod";
import { countOf, type PlanFlags } from "../plan-flags.ts";
import { contentionFromFlags, contentionShape, MAX_NAMES } from "./contention.ts";

const MAX_PROCLAIMS = 1_000_000;

export const electionWorkloadSchema = z.object({
  kind: z.literal("election"),
  /** Client k campaigns in election k mod their number. */
  elections: z.int().min(1),
  /** By each leader, before it keeps its leadership for `holdMs`. */
  proclaims: z.int().min(0),
  ...contentionShape,
});

export type ElectionWorkload = z.infer<typeof electionWorkloadSchema>;

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
