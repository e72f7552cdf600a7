/** The mixed workload in a plan. */
import type * as zod from "zod";
import { keySpaceSchema } from "../../plan/key-space.ts";
import { valuesShape } from "../../plan/values-schema.ts";
import { leaseGrantSchema } from "../lease-grant/schema.ts";
import { consistencySchema } from "../parts/consistency.ts";
import { MIXED_OPERATIONS } from "./operations.ts";

/** Operations over one key space, all of whose keys are put before the clock starts. */
export function mixedSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("mixed"),
    keys: keySpaceSchema(z),
    ...valuesShape(z),
    /** Each operation at most once; weights are relative to each other. */
    mix: z
      .array(z.object({ operation: z.enum(MIXED_OPERATIONS), weight: z.number().positive() }))
      .min(1),
    /** Of the ranges. */
    consistency: consistencySchema(z),
    /** Puts of a txn-put, at most `keySpaceSize`. */
    txnOps: z.int().min(1),
    /** Keys of the longest scan; each one's number is drawn evenly from 1 to this. */
    scanLength: z.int().min(1).default(100),
    /** Of the mix's lease-grants; null without any. */
    leaseGrant: leaseGrantSchema(z).nullable().default(null),
  });
}

export type MixedWorkload = zod.infer<ReturnType<typeof mixedSchema>>;
