/** Declares `bench memory`: what a connection, a watcher, a key and the like cost etcd. */
import type { Command } from "../command.ts";
import { MEMORY_FLAGS } from "./memory-flags.ts";

export const memoryCommand: Command = {
  name: "memory",
  summary: "Measure what a connection, a stream, a watcher, a lease and a key cost etcd in memory",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: Object.values(MEMORY_FLAGS),
  examples: [
    [
      "memory --local",
      "each of them on a temporary etcd, next to the figures that etcd's documentation publishes",
    ],
    [
      "memory --local --of=watchers:4k,keys:4k --steps=5 --settle=50ms",
      "watchers and keys alone, few of them and in few steps: a first look",
    ],
    [
      "memory --local --of=leases:4k --steps=5 -o json=memory.json",
      "leases, with every reading as JSON in a file",
    ],
  ],
  async run(flags) {
    const { runMemory } = await import("./run-memory.ts");
    return runMemory(flags);
  },
};
