/** Owns `bench stm`: software transactions, which begin again on a conflict. */
import type { Command } from "../command.ts";
import { def, workload } from "../flags/flag-spec.ts";
import { CLEANUP_FLAG, VAL_SIZE_FLAG } from "../flags/key-space.ts";
import { writingFlags } from "../flags/measuring.ts";

const FLAGS = writingFlags([
  {
    ...workload,
    ...def("isolation"),
    describe: "c|r|s|ss: read committed, repeatable reads, serializable, serializable snapshot",
  },
  { ...workload, ...def("keys"), describe: "distinct keys that clients contend for" },
  { ...workload, ...def("keys-per-txn"), describe: "distinct keys that a transaction reads" },
  {
    ...workload,
    ...def("txn-wr-percent"),
    describe: "share of them that is written too; part of a key is a chance",
  },
  {
    ...workload,
    ...def("stm-locker"),
    describe: "stm|lock-client|lock-rpc: no lock, etcd's mutex recipe, or its lock service",
  },
  { ...VAL_SIZE_FLAG, describe: `${VAL_SIZE_FLAG.describe}; the first 6 count its writes` },
  { ...workload, name: "prefix", isText: true, default: "bench-stm/", describe: "of every key" },
  CLEANUP_FLAG,
]);

export const stmCommand: Command = {
  name: "stm",
  summary: "Measure software transactions with retries, or under a lock",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    ["stm --local --total=2000 --clients=10 --keys=4", "10 clients contend for 4 keys"],
    ["stm --local --total=100 --clients=5 --stm-locker=lock-client", "under one lock of all"],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "stm", flags }, flags);
  },
};
