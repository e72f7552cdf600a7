/** Owns `bench lease-keepalive`: renewals of leases. */
import type { Command } from "./command.ts";
import { LEASE_KEEPALIVE_COMMAND_FLAGS } from "./flags.ts";

export const leaseKeepaliveCommand: Command = {
  name: "lease-keepalive",
  summary: "Measure keep-alives of one lease for each client",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: LEASE_KEEPALIVE_COMMAND_FLAGS,
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
