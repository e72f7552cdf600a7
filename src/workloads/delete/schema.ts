/** The delete workload in a plan. */
import type * as zod from "zod";
import { keySpaceSchema } from "../../plan/key-space.ts";
import { valuesShape } from "../../plan/values-schema.ts";

/** Each key of the space is put before the clock starts, and then deleted in order. */
export function deleteSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("delete"),
    keys: keySpaceSchema(z),
    ...valuesShape(z),
  });
}

export type DeleteWorkload = zod.infer<ReturnType<typeof deleteSchema>>;
