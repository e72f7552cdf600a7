/** The fields that lock and election share in a plan. */
import type * as zod from "zod";

export function contentionShape(z: typeof zod) {
  return {
    /** How long an owner keeps what it got before it gives it back; 0: not at all. */
    holdMs: z.number().min(0),
    /** Of each client's lease, which is kept alive. */
    ttlSeconds: z.int().min(1),
    /** Of every name. */
    prefix: z.string(),
  };
}
