/** `bench put`: writes, closed loop or at a rate. */

import type { Read } from "../../flags/flag.ts";
import { assertKeysFit, keyCapacity } from "../../plan/key-capacity.ts";
import type { KeySpace } from "../../plan/key-space.ts";
import { keyBytes } from "../../plan/key-text.ts";
import type { PlanContext } from "../../plan/plannable.ts";
import { valSizeOf, valuesOf } from "../../plan/values.ts";
import { defineWorkload } from "../definition.ts";
import {
  KEY_SPACE_FLAGS,
  keySpaceFlagsOf,
  keySpaceOf,
  POPULARITY,
  popularityOf,
} from "../parts/flags/key-space.ts";
import { sizesOf } from "../parts/keys/sizes.ts";
import { describeOrder, describeSizes } from "../parts/words.ts";
import { type PutWorkload, putSchema } from "./schema.ts";

/** Ordered keys of a run without a total: more than a run of days writes. */
const UNBOUNDED_KEY_SPACE = 2 ** 31;

const FLAGS = { ...KEY_SPACE_FLAGS, popularity: POPULARITY };

export const put = defineWorkload({
  name: "put",
  summary: "Measure writes",
  examples: [
    ["put --local --clients=10", "10,000 puts by ten clients to a temporary etcd"],
    [
      "put --conns=100 --clients=1000 --duration=2s --val-size=256",
      "the connections, clients and sizes of etcd's published write table",
    ],
    [
      "put --local --key-space-size=10k --popularity=zipfian --clients=10",
      "10,000 keys, a few of them hot",
    ],
    [
      "put --local --total=2000 --sequential-keys --val-size=lognormal:4KiB,1.5",
      "values of many sizes, most of them small, drawn from the seed",
    ],
    [
      "put --local=3 --rate=200 --duration=8s --clients=50 --event='at=2s for=2s kill leader'",
      "puts while the leader is killed and restarted",
    ],
    [
      "put --local --rate=200 --duration=3s --clients=20 --metrics-listen=127.0.0.1:0",
      "figures for Prometheus while it goes on, at the address that it prints",
    ],
    [
      "put --local=3 --total=2000 --clients=10 --check-hashkv",
      "then compare the keys of all members",
    ],
    [
      "put --local --total=2000 --clients=10 --transport=gateway",
      "JSON over HTTP/1.1, through etcd's grpc-gateway",
    ],
    [
      "put --local --grpc-proxy --total=2000 --clients=10",
      "through etcd's grpc-proxy, started for this run",
    ],
    [
      "put --local --total=2000 --clients=10 --keep-slowest=5 --members",
      "also lists the five slowest puts, and what etcd needed of memory, disk and network",
    ],
    [
      "put --local --rate=200 --duration=5s --clients=10 --live=127.0.0.1:0",
      "with the page of the report in a browser while it goes on",
    ],
    [
      "put --rate=1000 --duration=2s --clients=50 --threshold='p99<1s'",
      "1,000 puts a second, with a limit for p99",
    ],
  ],
  flags: FLAGS,
  schema: putSchema,
  calibrated: [
    {
      // As many keys as a run of etcd's published write table has, and then some.
      flags: ({ sizes }) => ({ ...sizes, "key-space-size": "1000000", "sequential-keys": true }),
      repeats: "put",
    },
  ],
  writes: true,
  waitsForCommit: true,
  makesRevision: (series) => series === "put",
  isWarmed: true,
  fitsGateway: true,
  plan: putPlan,
  publishedTable: { title: "Puts", verb: "write", counted: "keys", tells: "target" },
  describe: (plan) =>
    `put, ${describeSizes(plan.keys.keySizeBytes, plan)}${describeOrder(plan.keys)}`,
  plannedWrites: (plan, requests) => ({ ...sizesOf(plan), puts: requests, deletes: 0 }),
  preparation: () => import("./prepare.ts"),
  commandLine: (plan) => ({
    flags: {
      ...keySpaceFlagsOf(plan.keys),
      sequential: plan.keys.sequential,
      valSize: valSizeOf(plan),
    },
  }),
});

export function putPlan(
  flags: Omit<Read<typeof FLAGS>, "cleanup">,
  { limits, note }: PlanContext,
): PutWorkload {
  const { keySizeBytes, sequential } = flags;
  const keys =
    sequential && flags.keySpaceSize === null
      ? distinctKeys(limits.totalRequests)
      : keySpaceOf(flags, sequential);
  return { kind: "put", keys, ...valuesOf(flags.valSize, { keySizeBytes }, note) };

  /** As many as requests. */
  function distinctKeys(totalRequests: number | null): KeySpace {
    const { prefix, encoding } = flags;
    const freeBytes = keySizeBytes - keyBytes(prefix).length;
    const most = Math.min(UNBOUNDED_KEY_SPACE, keyCapacity(encoding, freeBytes));
    const keySpaceSize = totalRequests ?? Math.max(1, most);
    note(
      `--sequential-keys without --key-space-size writes up to ${keySpaceSize} distinct keys; ` +
        "upstream's tool would write one key over and over (--key-space-size=1 does the same here)",
    );
    const popularity = popularityOf(flags.popularity, sequential);
    const keys = { keySizeBytes, keySpaceSize, sequential, popularity, prefix, encoding };
    assertKeysFit(keys, "--sequential-keys with --total and no --key-space-size");
    return keys;
  }
}
