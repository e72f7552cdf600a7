/** Owns `bench range [key [end]]`: reads of a key or a range of keys. */
import { invocationOf } from "../plan/invocation.ts";
import type { Command } from "./command.ts";
import { def, workload } from "./flags/flag-spec.ts";
import { CLEANUP_FLAG, SIZE_FLAGS } from "./flags/key-space.ts";
import { measuringFlags } from "./flags/measuring.ts";

const FLAGS = measuringFlags([
  {
    ...workload,
    name: "prefix",
    kind: "switch",
    describe: "all keys that start with KEY; without KEY all keys there are",
  },
  { ...workload, ...def("limit"), describe: "most keys of an answer; 0: all" },
  {
    ...workload,
    name: "paginate",
    kind: "switch",
    describe:
      "read in pages of --limit keys (10000 by default) at one revision; all of them are one operation",
  },
  {
    ...workload,
    name: "stream",
    kind: "switch",
    describe: "read by RangeStream, which etcd has from 3.7",
  },
  { ...workload, name: "keys-only", kind: "switch", describe: "answers without values" },
  { ...workload, name: "count-only", kind: "switch", describe: "answers without keys and values" },
  {
    ...workload,
    name: "sort",
    default: "none",
    describe:
      "key|version|create|mod|value[:ascend|:descend]: order that the server brings keys in",
  },
  {
    ...workload,
    ...def("consistency"),
    describe: "l|s (linearizable, serializable), or l,s for both, interleaved",
  },
  ...SIZE_FLAGS.map((spec) =>
    spec.name === "val-size"
      ? { ...spec, describe: "bytes of the one value, e.g. 256 or 4KiB" }
      : spec,
  ),
  { ...CLEANUP_FLAG, describe: "afterwards delete the key that a range without KEY puts" },
]);

export const rangeCommand: Command = {
  name: "range",
  summary: "Measure reads of a key, or of the keys from KEY up to END",
  positionals: "[key] [end]",
  minPositionals: 0,
  maxPositionals: 2,
  flags: FLAGS,
  examples: [
    ["range --local --consistency=l,s", "puts one key, and reads it in both ways"],
    ["range foo --conns=100 --clients=1000 --duration=2s", "linearizable reads of the key foo"],
    ["range --local --prefix --paginate --limit=500 --total=100", "lists all keys, 500 a page"],
    ["range --duration=1s -- -a -z", "the keys from -a up to -z: they start with a dash"],
  ],
  async run(flags, positionals) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand(invocationOf("range", flags, positionals), flags);
  },
};
