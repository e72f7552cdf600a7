/** Owns `bench mixed`: several operations over one key space, drawn by weight. */
import type { Command } from "./command.ts";
import { def, workload } from "./flags/flag-spec.ts";
import {
  keySpaceCommandFlags,
  ONE_CONSISTENCY_FLAG,
  POPULARITY_FLAG,
  TXN_OPS_FLAG,
} from "./flags/key-space.ts";

const FLAGS = keySpaceCommandFlags([
  {
    ...workload,
    ...def("mix"),
    describe:
      "weights of put, range, delete, txn-put, or YCSB's shares by name: ycsb-a (put=50,range=50), " +
      "ycsb-b (put=5,range=95), ycsb-c (range=100), on keys drawn evenly; its D, E and F are not offered",
  },
  {
    ...workload,
    name: "key-space-size",
    default: "1000",
    describe: "distinct keys, each put once before the clock starts",
  },
  POPULARITY_FLAG,
  ONE_CONSISTENCY_FLAG,
  TXN_OPS_FLAG,
]);

export const mixedCommand: Command = {
  name: "mixed",
  summary: "Measure puts, ranges, deletes and transactions of one key space, mixed by --mix",
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
      "mixed --local --mix=ycsb-b --consistency=s --clients=10 --val-size=1KiB",
      "19 serializable reads for each put, over 1,000 keys that are put first",
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
