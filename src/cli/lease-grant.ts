/** Owns `bench lease-grant`: leases granted, used and revoked, or left to expire. */
import type { Command } from "./command.ts";
import { LEASE_GRANT_COMMAND_FLAGS } from "./flags.ts";

export const leaseGrantCommand: Command = {
  name: "lease-grant",
  summary: "Measure leases: grant, put keys, revoke; or how late they expire",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: LEASE_GRANT_COMMAND_FLAGS,
  examples: [
    ["lease-grant --local --total=2000", "grant, one put and revoke, by one client"],
    [
      "lease-grant --local --expire --ttl=2s --total=20 --clients=20",
      "how long after its time a lease's key is gone",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "lease-grant", flags }, flags);
  },
};
