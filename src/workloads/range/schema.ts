/** The range workload in a plan. */
import type * as zod from "zod";
import { keySpaceSchema } from "../../plan/key-space.ts";
import { valuesShape } from "../../plan/values-schema.ts";
import { consistencySchema } from "../parts/consistency.ts";

export function rangeSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("range"),
    /**
     * UTF-8. Null: the keys are those of `keySpace`, or without one the run puts one key of
     * `keySizeBytes` with `valSizeBytes` and reads that.
     */
    key: z.string().nullable(),
    /** UTF-8, exclusive. Null: one key only. */
    end: z.string().nullable(),
    /** All keys that start with `key`, which may be empty here: then all keys there are. */
    prefix: z.boolean().default(false),
    /**
     * The answer comes whole; in pages of `limit` keys at the first one's revision, which together are
     * one operation; or as a stream of parts, which etcd has from 3.7.
     */
    fetch: z.enum(["whole", "pages", "stream"]).default("whole"),
    /** Keys in an answer; null: all. */
    limit: z.int().min(1).nullable().default(null),
    /** What an answer carries: keys with their values, keys alone, or only how many there are. */
    content: z.enum(["all", "keys", "count"]).default("all"),
    /** How the server orders the keys of an answer; null: as they are stored, which is by key. */
    sort: z
      .object({
        by: z.enum(["key", "version", "create", "mod", "value"]),
        order: z.enum(["ascend", "descend"]),
      })
      .nullable()
      .default(null),
    /**
     * Its keys are put before the clock starts. Each range then starts at one of them, and is of it
     * alone where there is no limit; or, with `prefix`, is of them all. Null: nothing is drawn.
     */
    keySpace: keySpaceSchema(z).nullable().default(null),
    keySizeBytes: z.int().min(1),
    ...valuesShape(z),
    /** Each is measured by the full total or duration, interleaved in time where there are two. */
    consistency: z.array(consistencySchema(z)).min(1).max(2),
  });
}

export type RangeWorkload = zod.infer<ReturnType<typeof rangeSchema>>;
export type RangeSort = NonNullable<RangeWorkload["sort"]>;
