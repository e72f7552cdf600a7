/** `bench watch`: the creation of watchers, and the delivery of events to them. */

import { count } from "../../flags/vocabulary.ts";
import { defineWorkload } from "../definition.ts";
import {
  EVENT_FLAGS,
  MAX_WATCHERS,
  putFlags,
  STREAMS,
  WATCHED_SPACE_FLAGS,
  watchFlagsOf,
  watchKeyFlags,
  watchPlan,
  withPutFlags,
} from "../parts/flags/watching.ts";
import { sizesOf } from "../parts/keys/sizes.ts";
import { DELIVERY, isWatchPut, watchSeriesRole } from "../parts/watching/series.ts";
import { describeWatch } from "../parts/watching/words.ts";
import { watchSchema } from "./schema.ts";

const workload = { group: "Workload:" } as const;

/** Their list goes to every worker. */
const MAX_WATCHED_KEYS = 1_000_000;
const TOTAL = "1000";
const PUTS = putFlags(
  {
    total: "number of puts of the second phase; the same as --total",
    rate: "puts per second; the same as --rate",
  },
  TOTAL,
  "0",
);
const PER_STREAM = count({
  ...workload,
  name: "watch-per-stream",
  default: "100",
  max: MAX_WATCHERS,
  describe: "number of watchers of each stream",
});

export const watch = defineWorkload({
  name: "watch",
  summary: "Measure the creation of watchers, and the delivery of events to them",
  examples: [
    ["watch --local", "1,000 watchers over 10 streams, and 1,000 puts of the key they watch"],
    [
      "watch --local --conns=10 --streams=50 --watch-per-stream=20",
      "each put makes 1,000 events, which come over 50 streams and 10 connections",
    ],
  ],
  flags: {
    ...watchKeyFlags("8"),
    ...WATCHED_SPACE_FLAGS,
    streams: STREAMS,
    watchersPerStream: PER_STREAM,
    watchedKeyTotal: count({
      ...workload,
      name: "watched-key-total",
      default: "1",
      max: MAX_WATCHED_KEYS,
      describe: "number of watched keys; puts go to them in turn",
    }),
    ...EVENT_FLAGS,
    ...PUTS,
  },
  loadWords: { total: { default: TOTAL } },
  schema: watchSchema,
  calibrated: [
    {
      flags: () => ({ streams: "10", "watch-per-stream": "10", "val-size": "256" }),
      counted: { series: DELIVERY, word: "event" },
    },
  ],
  writes: true,
  usesAllConnections: true,
  fill: (given) => withPutFlags(given, PUTS),
  plan(flags, context) {
    const watched = {
      keys: flags.watchedKeyTotal,
      perStream: flags.watchersPerStream,
      perStreamFlag: PER_STREAM.name,
    };
    return watchPlan("watch", flags, watched, context);
  },
  seriesRole: watchSeriesRole,
  hasCountersInSection: true,
  makesRevision: isWatchPut,
  describe: describeWatch,
  plannedWrites: (plan, requests) => ({ ...sizesOf(plan), puts: requests, deletes: 0 }),
  preparation: () => import("./prepare.ts"),
  commandLine(plan) {
    const { keys, watchedKeyTotal, watchersPerStream } = plan;
    const isDefaulted = keys.keySpaceSize === watchedKeyTotal && keys.sequential;
    return {
      flags: {
        ...watchFlagsOf(plan),
        watchersPerStream,
        watchedKeyTotal,
        keySpaceSize: isDefaulted ? null : keys.keySpaceSize,
        sequential: keys.sequential && !isDefaulted,
      },
    };
  },
});
