/** The staleness workload in a plan. */
import type * as zod from "zod";
import { keySpaceSchema } from "../../plan/key-space.ts";
import { valuesShape } from "../../plan/values-schema.ts";

/** Puts, and during them serializable reads of each endpoint's member at random times. */
export function stalenessSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("staleness"),
    keys: keySpaceSchema(z),
    ...valuesShape(z),
    /** Of each member. */
    readRatePerSec: z.number().positive(),
  });
}

export type StalenessWorkload = zod.infer<ReturnType<typeof stalenessSchema>>;
