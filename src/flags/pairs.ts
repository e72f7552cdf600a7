/** The flags that say what tells arm a from arm b, and how many pairs of runs are made. */
import { count, flagsText, list, optional, share, text, textOrBare, toggle } from "./vocabulary.ts";

const pairs = { group: "Pairs:" } as const;

const MAX_PAIRS = 1_000;

function armFlags<const Name extends "a" | "b">(arm: Name, describe: (words: string) => string) {
  return {
    etcd: text({
      ...pairs,
      name: `${arm}-etcd`,
      describe: describe("PATH of the etcd binary for the temporary clusters of arm a"),
    }),
    args: flagsText({
      ...pairs,
      name: `${arm}-args`,
      describe: describe("flags of the temporary etcd of arm a, e.g. '--snapshot-count=10000'"),
    }),
    endpoints: list({
      ...pairs,
      name: `${arm}-endpoints`,
      describe: describe("HOST:PORT,... of a running cluster for arm a"),
    }),
    flags: flagsText({
      ...pairs,
      name: `${arm}-flags`,
      describe: describe("flags of the workload for arm a only, e.g. '--conns=100'"),
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
    describe: "measure arm a against itself: any difference is noise of the machine",
  }),
  pairs: count({
    ...pairs,
    name: "pairs",
    default: "20",
    min: 2,
    max: MAX_PAIRS,
    describe: "number of pairs to measure",
  }),
  warmupPairs: optional(
    count({
      ...pairs,
      name: "warmup-pairs",
      min: 0,
      max: MAX_PAIRS,
      example: "1",
      describe: "number of pairs to measure first and discard; default: 1 with endpoints, else 0",
    }),
  ),
  noise: optional(
    share({
      ...pairs,
      name: "noise",
      example: "3%",
      describe:
        "expected difference between runs in PERCENT; bench calculates from it what difference the pairs can detect",
    }),
  ),
  resume: textOrBare(
    {
      ...pairs,
      name: "resume",
      describe: "DIR of an interrupted session, with the same flags: measure the missing pairs",
    },
    "",
  ),
};
