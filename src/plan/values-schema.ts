/** The part of a workload's schema that gives the sizes of its values. */
import type * as zod from "zod";
import type { ValueSize } from "./value-size.ts";

/** The fields of a workload that puts values. */
export function valuesShape(z: typeof zod) {
  const valueSize = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("uniform"), minBytes: z.int().min(0), maxBytes: z.int().min(1) }),
    z.object({
      kind: z.literal("lognormal"),
      medianBytes: z.int().min(1),
      sigma: z.number().positive(),
      minBytes: z.int().min(0),
      maxBytes: z.int().min(1),
    }),
  ]) satisfies zod.ZodType<ValueSize>;
  return {
    /** Of each value; their mean, rounded, where `valueSize` is a distribution. */
    valSizeBytes: z.int().min(0),
    /** Null: all values have `valSizeBytes`. */
    valueSize: valueSize.nullable().default(null),
  };
}
