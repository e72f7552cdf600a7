/** The fields that watch and watch-latency share in a plan. */
import type * as zod from "zod";
import { keySpaceSchema } from "../../../plan/key-space.ts";
import { valuesShape } from "../../../plan/values-schema.ts";

/** Watchers of the watched keys are created first, then the keys are put and the events timed. */
export function watchShape(z: typeof zod) {
  return {
    /** Watched keys are drawn from it, `sequential` in order, else at random from the seed. */
    keys: keySpaceSchema(z),
    ...valuesShape(z),
    /** At least 8, by which an event is known again. */
    valSizeBytes: z.int().min(8),
    watchedKeyTotal: z.int().min(1),
    streams: z.int().min(1),
    watchersPerStream: z.int().min(1),
    prevKv: z.boolean(),
    progressNotify: z.boolean(),
  };
}

/** Either of them. */
export type WatchPlan = { kind: string } & zod.infer<zod.ZodObject<ReturnType<typeof watchShape>>>;
