/** Owns `bench lock`: locks that clients contend for. */
import type { Command } from "../command.ts";
import { contentionFlags } from "../flags/contention.ts";
import { def, workload } from "../flags/flag-spec.ts";

const FLAGS = contentionFlags("bench-lock/", [
  {
    ...workload,
    ...def("locks"),
    describe: "locks; client k contends for lock k mod their number",
  },
  {
    ...workload,
    ...def("locker"),
    describe: "lock-rpc|lock-client: etcd's lock service, or its mutex recipe in this client",
  },
]);

export const lockCommand: Command = {
  name: "lock",
  summary: "Measure locks under contention: acquire, hand-over, release, fairness",
  positionals: "",
  minPositionals: 0,
  maxPositionals: 0,
  flags: FLAGS,
  examples: [
    ["lock --local --clients=10 --total=2000", "10 clients contend for one lock"],
    [
      "lock --local --clients=20 --conns=4 --locks=4 --hold=5ms --duration=5s --locker=lock-client",
      "5 clients for each of 4 locks, by the mutex recipe, each kept for 5 ms",
    ],
  ],
  async run(flags) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand({ command: "lock", flags }, flags);
  },
};
