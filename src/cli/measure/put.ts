/** Owns `bench put`: writes, closed loop or at a rate. */
import type { Command } from "../command.ts";
import { KEY_SPACE_FLAGS, POPULARITY_FLAG } from "../flags/key-space.ts";
import { writingFlags } from "../flags/measuring.ts";

export const putCommand: Command = {
  name: "put",
  summary: "Measure writes",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: writingFlags([...KEY_SPACE_FLAGS, POPULARITY_FLAG]),
  examples: [
    ["put --local --clients=10", "10,000 puts by ten clients to a throwaway etcd"],
    [
      "put --conns=100 --clients=1000 --duration=2s --val-size=256",
      "the connections, clients and sizes of etcd's published write table",
    ],
    [
      "put --local --key-space-size=10k --popularity=zipfian --clients=10",
      "10,000 keys, a few of them hot",
    ],
    [
      "put --local --total=2000 --sequential-keys --val-size=lognormal:4KiB,1.5",
      "values of many sizes, most of them small, drawn from the seed",
    ],
    ["put --local=3 --total=2000 --clients=10 --check-hashkv", "and do all members hold the same?"],
    ["put --rate=1000 --duration=2s --clients=50 --threshold='p99<1s'", "open loop, judged"],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "put", flags }, flags);
  },
};
