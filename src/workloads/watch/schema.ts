/** The watch workload in a plan. */
import type * as zod from "zod";
import { watchShape } from "../parts/watching/schema.ts";

export function watchSchema(z: typeof zod) {
  return z.object({ kind: z.literal("watch"), ...watchShape(z) });
}

export type WatchWorkload = zod.infer<ReturnType<typeof watchSchema>>;
