/** Owns the flags that lock and election share, and the list of those of one of them. */
import { def, type FlagSpec, workload } from "./flag-spec.ts";
import { CLEANUP_FLAG } from "./key-space.ts";
import { writingFlags } from "./measuring.ts";

export function contentionFlags(prefix: string, own: readonly FlagSpec[]): FlagSpec[] {
  return writingFlags([
    ...own,
    { ...workload, ...def("hold"), describe: "how long an owner keeps it, e.g. 10ms" },
    {
      ...workload,
      ...def("ttl"),
      describe: "time to live of each client's lease, which is kept alive; at least 5s",
    },
    { ...workload, name: "prefix", isText: true, default: prefix, describe: "of every name" },
    CLEANUP_FLAG,
  ]);
}
