/** The consistency of a read in a plan. */
import type * as zod from "zod";

export function consistencySchema(z: typeof zod) {
  return z.enum(["linearizable", "serializable"]);
}

export type Consistency = zod.infer<ReturnType<typeof consistencySchema>>;
