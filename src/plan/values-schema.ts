/** The part of a workload's schema that gives the sizes of its values. */
import * as z from "zod";
import type { ValueSize } from "./value-size.ts";

const valueSizeSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("uniform"), minBytes: z.int().min(0), maxBytes: z.int().min(1) }),
  z.object({
    kind: z.literal("lognormal"),
    medianBytes: z.int().min(1),
    sigma: z.number().positive(),
    minBytes: z.int().min(0),
    maxBytes: z.int().min(1),
  }),
]) satisfies z.ZodType<ValueSize>;

/** The fields of a workload that puts values. */
export const valuesShape = {
  /** Of each value; their mean, rounded, where `valueSize` is a distribution. */
  valSizeBytes: z.int().min(0),
  /** Null: all values have `valSizeBytes`. */
  valueSize: valueSizeSchema.nullable().default(null),
};
