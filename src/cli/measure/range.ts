/** Owns `bench range [key [end]]`: reads of a key or a range of keys. */
import { invocationOf } from "../../plan/invocation.ts";
import type { Command } from "../command.ts";
import { def, workload } from "../flags/flag-spec.ts";
import { CLEANUP_FLAG, POPULARITY_FLAG, SIZE_FLAGS } from "../flags/key-space.ts";
import { writingFlags } from "../flags/measuring.ts";

const FLAGS = writingFlags([
  {
    ...workload,
    name: "prefix",
    kind: "switch",
    describe:
      "all keys that start with KEY; without KEY all keys there are, or all of --key-space-size",
  },
  {
    ...workload,
    name: "key-space-size",
    describe:
      "keys that are put before the clock starts; each range is of one, with --limit from it on",
  },
  POPULARITY_FLAG,
  {
    ...workload,
    name: "sequential-keys",
    kind: "switch",
    describe: "with --key-space-size: keys in order, not at random",
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
  ...SIZE_FLAGS,
  { ...CLEANUP_FLAG, describe: "afterwards delete the keys that the run has put" },
]);

export const rangeCommand: Command = {
  name: "range",
  summary:
    "Measure reads of a key (hex:fffe71 or base64:... for octets), or of the keys from KEY up to END",
  positionals: "[key] [end]",
  minPositionals: 0,
  maxPositionals: 2,
  flags: FLAGS,
  examples: [
    ["range --local --consistency=l,s", "puts one key, and reads it in both ways"],
    ["range foo --conns=100 --clients=1000 --duration=2s", "linearizable reads of the key foo"],
    [
      "range --local --key-space-size=10k --val-size=1KiB --popularity=zipfian --clients=10",
      "puts 10,000 keys, and reads hot ones more often",
    ],
    [
      "range pods/ --local --prefix --key-size=16 --key-space-size=2k --paginate --limit=500 --total=100",
      "puts 2,000 keys under pods/, and lists them all, 500 a page",
    ],
    ["range --duration=1s -- -a -z", "the keys from -a up to -z: they start with a dash"],
  ],
  async run(flags, positionals) {
    const { runCommand } = await import("./run-command.ts");
    return runCommand(invocationOf("range", flags, positionals), flags);
  },
};
