/** The put workload in a plan. */
import type * as zod from "zod";
import { keySpaceSchema } from "../../plan/key-space.ts";
import { valuesShape } from "../../plan/values-schema.ts";

export function putSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("put"),
    keys: keySpaceSchema(z),
    ...valuesShape(z),
  });
}

export type PutWorkload = zod.infer<ReturnType<typeof putSchema>>;
