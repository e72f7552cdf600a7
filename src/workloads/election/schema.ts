/** The election workload in a plan. */
import type * as zod from "zod";
import { contentionShape } from "../parts/contention/schema.ts";

export function electionSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("election"),
    /** Client k campaigns in election k mod their number. */
    elections: z.int().min(1),
    /** By each leader, before it keeps its leadership for `holdMs`. */
    proclaims: z.int().min(0),
    ...contentionShape(z),
  });
}

export type ElectionWorkload = zod.infer<ReturnType<typeof electionSchema>>;
