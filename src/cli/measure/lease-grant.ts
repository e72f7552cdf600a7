/** Owns `bench lease-grant`: leases granted, used and revoked, or left to expire. */
import type { Command } from "../command.ts";
import { def, workload } from "../flags/flag-spec.ts";
import { CLEANUP_FLAG, VAL_SIZE_FLAG } from "../flags/key-space.ts";
import { writingFlags } from "../flags/measuring.ts";

const FLAGS = writingFlags([
  { ...workload, ...def("ttl"), describe: "time to live of each lease, in whole seconds" },
  { ...workload, ...def("keys-per-lease"), describe: "keys put with each lease, one by one" },
  {
    ...workload,
    name: "expire",
    kind: "switch",
    describe: "no revoke: measure how long after its due time a lease's first key is deleted",
  },
  VAL_SIZE_FLAG,
  { ...workload, name: "prefix", isText: true, default: "bench-lease/", describe: "of every key" },
  CLEANUP_FLAG,
]);

export const leaseGrantCommand: Command = {
  name: "lease-grant",
  summary: "Measure leases: grant, put keys, revoke; or how late they expire",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    ["lease-grant --local --total=500", "grant, one put and revoke, by one client"],
    [
      "lease-grant --local --expire --ttl=1s --total=20 --clients=20",
      "how long after its time a lease's key is gone",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "lease-grant", flags }, flags);
  },
};
