/** The key space of a workload in a plan: which keys there are, and which of them come next. */
import type * as zod from "zod";

/** Keys are `prefix` plus an index in [0, keySpaceSize), encoded to exactly `keySizeBytes` bytes. */
export function keySpaceSchema(z: typeof zod) {
  return z.object({
    keySizeBytes: z.int().min(1),
    keySpaceSize: z.int().min(1),
    /** In order 0, 1, 2, ... modulo the key space; otherwise at random from the seed. */
    sequential: z.boolean(),
    /**
     * Of keys at random: all alike; by Zipf's law with YCSB's constant 0.99, hot keys all over the
     * space; or by that law with the highest indices, which are the newest, first.
     */
    popularity: z.enum(["uniform", "zipfian", "latest"]).default("uniform"),
    prefix: z.string(),
    /** `fixed` is big-endian base 256; `varint` is Go's binary.PutVarint, as upstream writes it. */
    encoding: z.enum(["fixed", "varint"]),
  });
}

export type KeySpace = zod.infer<ReturnType<typeof keySpaceSchema>>;
