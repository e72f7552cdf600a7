/** The watch-latency workload in a plan. */
import type * as zod from "zod";
import { watchShape } from "../parts/watching/schema.ts";

export function watchLatencySchema(z: typeof zod) {
  return z.object({ kind: z.literal("watch-latency"), ...watchShape(z) });
}

export type WatchLatencyWorkload = zod.infer<ReturnType<typeof watchLatencySchema>>;
