/** Owns the flags of delete, read into its workload. */
import { DEFAULTS } from "../defaults.ts";
import type { PlanFlags } from "../plan-flags.ts";
import type { DeleteWorkload } from "../schema.ts";
import { valuesOf } from "../values.ts";
import { keySpaceOf } from "./key-space-flags.ts";

export function deleteFromFlags(
  flags: PlanFlags,
  totalRequests: number | null,
  note: (line: string) => void,
): DeleteWorkload {
  // Each delete finds a key; without a total as many as a run has by default.
  const defaultSize = totalRequests ?? Number(DEFAULTS.total);
  const keys = keySpaceOf(flags, { sequential: true, defaultSize });
  const { keySpaceSize } = keys;
  if (totalRequests === null) {
    note(
      `once all ${keySpaceSize} keys of --key-space-size are deleted, further deletes find nothing`,
    );
  } else if (totalRequests > keySpaceSize) {
    note(
      `--total=${totalRequests} is above --key-space-size=${keySpaceSize}: ` +
        `${totalRequests - keySpaceSize} deletes find nothing`,
    );
  }
  return { kind: "delete", keys, ...valuesOf(flags, keys, note) };
}
