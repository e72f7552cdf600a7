/** The watch-get workload in a plan. */
import type * as zod from "zod";
import { keySpaceSchema } from "../../plan/key-space.ts";
import { valuesShape } from "../../plan/values-schema.ts";
import { consistencySchema } from "../parts/consistency.ts";

/** Watchers of one key begin with a history of `events` puts that was made before the clock started,
 * and gets go on until they have caught up with it. */
export function watchGetSchema(z: typeof zod) {
  return z.object({
    kind: z.literal("watch-get"),
    /** Of one key. */
    keys: keySpaceSchema(z),
    ...valuesShape(z),
    watchers: z.int().min(1),
    /** At most `watchers`; they have connections of their own, as many as `load` has. */
    streams: z.int().min(1),
    events: z.int().min(1),
    /** Of the gets. */
    consistency: consistencySchema(z),
  });
}

export type WatchGetWorkload = zod.infer<ReturnType<typeof watchGetSchema>>;
