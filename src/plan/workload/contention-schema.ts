/** The fields that lock and election share in a plan. */
import * as z from "zod";

export const contentionShape = {
  /** How long an owner keeps what it got before it gives it back; 0: not at all. */
  holdMs: z.number().min(0),
  /** Of each client's lease, which is kept alive. */
  ttlSeconds: z.int().min(1),
  /** Of every name. */
  prefix: z.string(),
};
