/** Owns the flags that commands over a key space share, and the list of those of one of them. */
import { def, type FlagSpec, workload } from "./flag-spec.ts";
import { writingFlags } from "./measuring.ts";

/** Of commands whose values may differ in size. */
export const VAL_SIZE_FLAG: FlagSpec = {
  ...workload,
  ...def("val-size"),
  describe: "bytes of a value: 256, evenly from 1KiB..64KiB, or lognormal:4KiB,1.5 (median, sigma)",
};

export const SIZE_FLAGS: readonly FlagSpec[] = [
  { ...workload, ...def("key-size"), describe: "bytes of a key, prefix included" },
  VAL_SIZE_FLAG,
];

export const CLEANUP_FLAG: FlagSpec = {
  ...workload,
  name: "cleanup",
  kind: "switch",
  describe:
    "afterwards delete the keys that the run wrote and no other; those it wrote over count as its own",
};

export const KEY_SPACE_FLAGS: readonly FlagSpec[] = [
  ...SIZE_FLAGS,
  { ...workload, ...def("key-space-size"), describe: "distinct keys" },
  {
    ...workload,
    name: "sequential-keys",
    kind: "switch",
    describe: "keys in order, not at random; without --key-space-size all distinct",
  },
  {
    ...workload,
    ...def("prefix"),
    isText: true,
    describe: "of every key; hex:fffe71 and base64:... for other octets than text",
  },
  {
    ...workload,
    ...def("key-encoding"),
    describe: "fixed|varint: big-endian index, or upstream's zig-zag varint",
  },
  CLEANUP_FLAG,
];

export const POPULARITY_FLAG: FlagSpec = {
  ...workload,
  ...def("popularity"),
  describe:
    "uniform|zipfian|latest: keys drawn alike, by Zipf's law (YCSB's 0.99), or so with the newest first",
};

export const TXN_OPS_FLAG: FlagSpec = {
  ...workload,
  ...def("txn-ops"),
  describe: "puts of a transaction; at most --key-space-size",
};

export const ONE_CONSISTENCY_FLAG: FlagSpec = {
  ...workload,
  ...def("consistency"),
  describe: "l|s (linearizable, serializable), of the ranges",
};

/** Of a command over a key space: those of put, but for the order of keys, and its own. */
export function keySpaceCommandFlags(own: readonly FlagSpec[]): FlagSpec[] {
  const names = new Set(["sequential-keys", ...own.map(({ name }) => name)]);
  const shared = KEY_SPACE_FLAGS.filter(({ name }) => !names.has(name));
  return writingFlags([...shared, ...own]);
}
