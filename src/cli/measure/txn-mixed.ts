/** Owns `bench txn-mixed [key [end]]`: transactions of one range or one put each. */

import { TXN_MIXED_DEFAULTS } from "../../plan/defaults.ts";
import { invocationOf } from "../../plan/invocation.ts";
import type { Command } from "../command.ts";
import { def, workload } from "../flags/flag-spec.ts";
import { keySpaceCommandFlags, ONE_CONSISTENCY_FLAG, POPULARITY_FLAG } from "../flags/key-space.ts";

const FLAGS = keySpaceCommandFlags([
  { ...workload, ...def("rw-ratio"), describe: "ranges per put, e.g. 4 or 0.125" },
  {
    ...workload,
    name: "end-key",
    isText: true,
    describe: "ranges end before this key, as with [end]; by default where the key space does",
  },
  {
    ...workload,
    name: "limit",
    default: TXN_MIXED_DEFAULTS.limit,
    describe: "most keys of an answer; 0: all",
  },
  ONE_CONSISTENCY_FLAG,
  {
    ...POPULARITY_FLAG,
    default: "in order",
    describe: `of the keys that are put: ${POPULARITY_FLAG.describe}; by default in order, as upstream`,
  },
]);

export const txnMixedCommand: Command = {
  name: "txn-mixed",
  summary:
    "Measure transactions of one range (KEY may be hex:... or base64:...) or one put each, mixed by --rw-ratio",
  positionals: "[key] [end]",
  minPositionals: 0,
  maxPositionals: 2,
  flags: FLAGS,
  examples: [
    [
      "txn-mixed --local --rw-ratio=4 --key-space-size=1000 --limit=10 --clients=9",
      "four ranges of the key space's first ten keys for each put",
    ],
    [
      "txn-mixed foo --local --consistency=s --clients=10",
      "serializable ranges of the key foo, as many puts",
    ],
    ["txn-mixed foo --end-key=fop --local --total=500", "the keys from foo up to fop"],
  ],
  async run(flags, positionals) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand(invocationOf("txn-mixed", flags, positionals), flags);
  },
};
