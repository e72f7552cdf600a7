/** The election workload in a plan. */
import * as z from "zod";
import { contentionShape } from "./contention-schema.ts";

export const electionWorkloadSchema = z.object({
  kind: z.literal("election"),
  /** Client k campaigns in election k mod their number. */
  elections: z.int().min(1),
  /** By each leader, before it keeps its leadership for `holdMs`. */
  proclaims: z.int().min(0),
  ...contentionShape,
});

export type ElectionWorkload = z.infer<typeof electionWorkloadSchema>;
