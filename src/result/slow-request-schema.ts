/** Defines the slowest requests of a series in a RunResult, and what else happened at their time. */
import * as z from "zod";

const nullableNumber = z.number().nullable();

/** What happened while a request waited, or so shortly before that it may have waited for it. */
const nearSchema = z.object({
  kind: z.enum(["event", "new-leader", "slow-fsync", "client-pause"]),
  /** `pause of m2`, `fsync of m1, p99 62 ms`. */
  text: z.string(),
  /** Since the start of the measured phase. */
  startSeconds: z.number(),
  endSeconds: z.number(),
});

export const slowRequestSchema = z.object({
  /** When it was due, in a closed loop when it was sent; since the start of the measured phase. */
  startSeconds: z.number(),
  /** `host:port` that it was sent to; null: not known, as are key and revision. */
  endpoint: z.string().nullable(),
  /** As plans hold keys: a text, or `hex:` and its octets. Of a transaction the first one. */
  key: z.string().nullable(),
  /** In the header of its answer. */
  revision: nullableNumber,
  serviceMs: z.number(),
  /** Null in a closed loop. */
  responseMs: nullableNumber,
  /** How it ended: the name of a gRPC status, `OK` for an answer. */
  code: z.string(),
  near: z.array(nearSchema),
});

export type SlowRequestResult = z.infer<typeof slowRequestSchema>;
export type Near = z.infer<typeof nearSchema>;
