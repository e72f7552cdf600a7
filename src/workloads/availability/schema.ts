/** The part of a plan that says what `bench availability` asks for, while something happens to etcd. */
import type * as zod from "zod";
import { AVAILABILITY_OPERATIONS } from "./operations.ts";

export function availabilitySchema(z: typeof zod) {
  return z.object({
    kind: z.literal("availability"),
    /** Each at most once. A watch is of the puts; all others are requests that take turns. */
    operations: z.array(z.enum(AVAILABILITY_OPERATIONS)).min(1),
    /** Of the keys, each of which is put once. */
    prefix: z.string(),
    /** At least 16, by which a value is known again. */
    valSizeBytes: z.int().min(16),
    /** A request that is answered later than this after it was due is not a good one. */
    slowMs: z.number().positive(),
    /** Of the leases that are kept alive. */
    ttlSeconds: z.int().min(1),
    /** Between two questions to a member about its leader, term and applied index. */
    statusEveryMs: z.number().positive(),
  });
}

export type AvailabilityWorkload = zod.infer<ReturnType<typeof availabilitySchema>>;
