/** The flags of `bench ab`: what differs between arms a and b, and how many pairs of runs are made. */
import { PAIR_DEFAULTS } from "../../ab/defaults.ts";
import type { FlagSpec } from "./flag-spec.ts";

const pairs = { kind: "value", group: "Pairs:" } as const;

export const PAIR_FLAGS: readonly FlagSpec[] = [
  ...ofBothArms("etcd", "PATH of the etcd that this arm's throwaway clusters are started from"),
  ...ofBothArms("args", "flags of this arm's throwaway etcd, e.g. '--snapshot-count=10000'", {
    holdsFlags: true,
  }),
  ...ofBothArms("endpoints", "HOST:PORT,... of this arm's cluster, which is there already", {
    isList: true,
  }),
  ...ofBothArms("flags", "flags of the workload for this arm alone, e.g. '--conns=100'", {
    holdsFlags: true,
  }),
  {
    ...pairs,
    name: "canary",
    kind: "switch",
    describe: "measure a against itself: what is found is the machine's own noise",
  },
  { ...pairs, name: "pairs", default: PAIR_DEFAULTS.pairs, describe: "pairs that are measured" },
  {
    ...pairs,
    name: "warmup-pairs",
    describe: "pairs that are measured first and thrown away; 1 by default with endpoints, else 0",
  },
  {
    ...pairs,
    name: "noise",
    describe:
      "PERCENT by which one run differs from the next, a guess: the difference that the pairs can find is calculated from it",
  },
  {
    ...pairs,
    name: "resume",
    kind: "optional",
    bareValue: "",
    describe:
      "DIR of a session that was cut short, with the same flags: measures the pairs that are missing",
  },
];

function ofBothArms(
  name: string,
  describe: string,
  of: Pick<FlagSpec, "holdsFlags" | "isList"> = {},
): FlagSpec[] {
  return [
    { ...pairs, ...of, name: `a-${name}`, describe },
    { ...pairs, ...of, name: `b-${name}`, describe: "the same for arm b" },
  ];
}
