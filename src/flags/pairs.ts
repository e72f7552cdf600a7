/** The flags that say what tells arm a from arm b, and how many pairs of runs are made. */
import { count, flagsText, list, optional, parsed, share, text, toggle } from "./vocabulary.ts";

const pairs = { group: "Pairs:" } as const;

const MAX_PAIRS = 1_000;

function armFlags<const Name extends "a" | "b">(arm: Name, describe: (words: string) => string) {
  return {
    etcd: text({
      ...pairs,
      name: `${arm}-etcd`,
      describe: describe("PATH of the etcd that this arm's throwaway clusters are started from"),
    }),
    args: flagsText({
      ...pairs,
      name: `${arm}-args`,
      describe: describe("flags of this arm's throwaway etcd, e.g. '--snapshot-count=10000'"),
    }),
    endpoints: list({
      ...pairs,
      name: `${arm}-endpoints`,
      describe: describe("HOST:PORT,... of this arm's cluster, which is there already"),
    }),
    flags: flagsText({
      ...pairs,
      name: `${arm}-flags`,
      describe: describe("flags of the workload for this arm alone, e.g. '--conns=100'"),
    }),
  };
}

export const ARM_FLAGS = {
  a: armFlags("a", (words) => words),
  b: armFlags("b", () => "the same for arm b"),
};

export const PAIR_FLAGS = {
  aEtcd: ARM_FLAGS.a.etcd,
  bEtcd: ARM_FLAGS.b.etcd,
  aArgs: ARM_FLAGS.a.args,
  bArgs: ARM_FLAGS.b.args,
  aEndpoints: ARM_FLAGS.a.endpoints,
  bEndpoints: ARM_FLAGS.b.endpoints,
  aFlags: ARM_FLAGS.a.flags,
  bFlags: ARM_FLAGS.b.flags,
  isCanary: toggle({
    ...pairs,
    name: "canary",
    describe: "measure a against itself: what is found is the machine's own noise",
  }),
  pairs: count({
    ...pairs,
    name: "pairs",
    default: "20",
    min: 2,
    max: MAX_PAIRS,
    describe: "pairs that are measured",
  }),
  warmupPairs: optional(
    count({
      ...pairs,
      name: "warmup-pairs",
      min: 0,
      max: MAX_PAIRS,
      example: "1",
      describe:
        "pairs that are measured first and thrown away; 1 by default with endpoints, else 0",
    }),
  ),
  noise: optional(
    share({
      ...pairs,
      name: "noise",
      example: "3%",
      describe:
        "PERCENT by which one run differs from the next, a guess: the difference that the pairs can find is calculated from it",
    }),
  ),
  resume: parsed(
    {
      ...pairs,
      name: "resume",
      describe:
        "DIR of a session that was cut short, with the same flags: measures the pairs that are missing",
    },
    {
      kind: "optional",
      bareValue: "",
      parse: (_, given) => given,
      format: (given: string) => given,
    },
  ),
};
