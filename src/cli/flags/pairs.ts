/** Owns the flags that say what tells side a from side b, and how many pairs of runs are made. */
import { PAIR_DEFAULTS } from "../../ab/defaults.ts";
import type { FlagSpec } from "./flag-spec.ts";

const pairs = { kind: "value", group: "Pairs:" } as const;

export const PAIR_FLAGS: readonly FlagSpec[] = [
  ...ofBothSides("etcd", "PATH of the etcd that this side's throwaway clusters are started from"),
  ...ofBothSides("args", "flags of this side's throwaway etcd, e.g. '--snapshot-count=10000'", {
    holdsFlags: true,
  }),
  ...ofBothSides("endpoints", "HOST:PORT,... of this side's cluster, which is there already", {
    isList: true,
  }),
  ...ofBothSides("flags", "flags of the workload for this side alone, e.g. '--conns=100'", {
    holdsFlags: true,
  }),
  {
    ...pairs,
    name: "canary",
    kind: "switch",
    describe: "a against a once more: what is found is the machine's own noise",
  },
  { ...pairs, name: "pairs", default: PAIR_DEFAULTS.pairs, describe: "pairs that are measured" },
  {
    ...pairs,
    name: "warmup-pairs",
    describe: "pairs that are thrown away first; 1 by default with endpoints, else 0",
  },
  {
    ...pairs,
    name: "noise",
    describe:
      "PERCENT by which one run differs from the next, a guess: what the pairs can see is told from it",
  },
  {
    ...pairs,
    name: "resume",
    kind: "optional",
    bareValue: "",
    describe: "DIR of a session that broke off, under the same flags: measures the pairs it lacks",
  },
];

function ofBothSides(
  name: string,
  describe: string,
  of: Pick<FlagSpec, "holdsFlags" | "isList"> = {},
): FlagSpec[] {
  return [
    { ...pairs, ...of, name: `a-${name}`, describe },
    { ...pairs, ...of, name: `b-${name}`, describe: "the same for side b" },
  ];
}
