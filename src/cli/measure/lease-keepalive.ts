/** Owns `bench lease-keepalive`: renewals of leases. */
import type { Command } from "../command.ts";
import { workload } from "../flags/flag-spec.ts";
import { measuringFlags } from "../flags/measuring.ts";

const FLAGS = measuringFlags([
  {
    ...workload,
    name: "new-stream",
    kind: "switch",
    describe: "a stream for each keep-alive, as upstream; else each client keeps one open",
  },
]);

export const leaseKeepaliveCommand: Command = {
  name: "lease-keepalive",
  summary: "Measure keep-alives of one lease for each client",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    ["lease-keepalive --local", "10,000 keep-alives of one lease, on one stream"],
    [
      "lease-keepalive --local --conns=4 --clients=40 --new-stream",
      "a stream for each keep-alive, as etcd's tool does",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "lease-keepalive", flags }, flags);
  },
};
