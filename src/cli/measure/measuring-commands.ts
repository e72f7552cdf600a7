/** The commands that measure an etcd: one for each workload, run one by one or as cells of a suite. */

import { WORKLOAD_COMMANDS } from "../../workloads/catalogue.ts";
import type { WorkloadCommand } from "../../workloads/definition.ts";
import type { Command } from "../command.ts";
import { RUN_OUTPUT } from "../output/output-flag.ts";

export const MEASURING_COMMANDS: readonly Command[] = WORKLOAD_COMMANDS.map(commandOf);

function commandOf({ name, summary, examples, flags, positionals }: WorkloadCommand): Command {
  return {
    ...{ name, summary, examples },
    flags: flags.map((flag) => (flag.name === RUN_OUTPUT.name ? RUN_OUTPUT : flag)),
    positionals: positionals.usage,
    minPositionals: 0,
    maxPositionals: positionals.most,
    async run(given, args) {
      const { runCommand } = await import("./run-command.ts");
      return runCommand({ command: name, flags: given, args });
    },
  };
}
