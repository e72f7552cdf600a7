/** Owns the flags of what is done to etcd itself while the load goes on. */
import { def, type FlagSpec, workload } from "./flag-spec.ts";

export const MAINTENANCE_FLAGS: readonly FlagSpec[] = [
  {
    ...workload,
    ...def("compact-interval"),
    describe: "time between two compactions while the load goes on; 0: none",
  },
  {
    ...workload,
    ...def("compact-index-delta"),
    describe: "newest revisions that a compaction leaves alone",
  },
  {
    ...workload,
    name: "defrag-at",
    describe: "TIME,... after the start at which members are defragmented one by one, e.g. 10s,20s",
  },
  {
    ...workload,
    name: "defrag-member",
    isText: true,
    describe: "name or endpoint of the one; else all",
  },
];
