/** Owns `bench mixed`: several operations over one key space, drawn by weight. */
import type { Command } from "../command.ts";
import { def, workload } from "../flags/flag-spec.ts";
import {
  keySpaceCommandFlags,
  ONE_CONSISTENCY_FLAG,
  POPULARITY_FLAG,
  TXN_OPS_FLAG,
} from "../flags/key-space.ts";

const FLAGS = keySpaceCommandFlags([
  {
    ...workload,
    ...def("mix"),
    describe:
      "weights of put, insert, range, scan, rmw (read, then put), delete, txn-put, lease-grant; or " +
      "ycsb-a to ycsb-f: YCSB's shares on keys drawn as it does, by Zipf's law (D: the newest first)",
  },
  {
    ...workload,
    name: "key-space-size",
    default: "1000",
    describe: "distinct keys, each put once before the clock starts",
  },
  { ...POPULARITY_FLAG, default: "uniform, or that of the named mix" },
  {
    ...workload,
    ...def("scan-length"),
    describe: "keys of the longest scan; each one's number is drawn evenly up to this",
  },
  ONE_CONSISTENCY_FLAG,
  TXN_OPS_FLAG,
  { ...workload, ...def("ttl"), describe: "time to live of a lease-grant's lease" },
  { ...workload, ...def("keys-per-lease"), describe: "keys put with the lease of a lease-grant" },
]);

export const mixedCommand: Command = {
  name: "mixed",
  summary:
    "Measure operations of one key space mixed by --mix: puts, reads, scans, transactions; YCSB's A to F",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    [
      "mixed --local --mix=put=20,range=70,delete=10 --clients=10",
      "of ten operations two puts, seven reads of a key, one delete, in random order",
    ],
    ["mixed --local --total=2000 --prefix=p/ --cleanup", "leaves none of its keys behind"],
    [
      "mixed --local --mix=ycsb-d --clients=10 --val-size=1KiB",
      "19 reads of what was inserted last for each insert, behind 1,000 keys that are put first",
    ],
    [
      "mixed --local --mix=ycsb-e --scan-length=50 --total=2000 --clients=10",
      "scans of up to 50 keys, and an insert for 19 of them",
    ],
    [
      "mixed --local --mix=txn-put=1,range=3 --txn-ops=4 --rate=500 --total=500",
      "three reads for each transaction of four puts, 500 operations a second",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "mixed", flags }, flags);
  },
};
