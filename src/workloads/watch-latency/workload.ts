/** `bench watch-latency`: the delay of events at a steady rate of puts. */

import { count } from "../../flags/vocabulary.ts";
import { defineWorkload } from "../definition.ts";
import {
  EVENT_FLAGS,
  MAX_WATCHERS,
  putFlags,
  STREAMS,
  watchFlagsOf,
  watchKeyFlags,
  watchPlan,
  withPutFlags,
} from "../parts/flags/watching.ts";
import { sizesOf } from "../parts/keys/sizes.ts";
import { DELIVERY, isWatchPut, watchSeriesRole } from "../parts/watching/series.ts";
import { describeWatch } from "../parts/watching/words.ts";
import { watchLatencySchema } from "./schema.ts";

const TOTAL = "1000";
const RATE = "100";
const PUTS = putFlags(
  {
    total: "number of puts; the same as --total",
    rate: "puts per second; the same as --rate; 0: closed loop",
  },
  TOTAL,
  RATE,
);
const PER_STREAM = count({
  group: "Workload:",
  name: "watchers-per-stream",
  default: "10",
  max: MAX_WATCHERS,
  describe: "number of watchers of each stream, all on one key",
});

export const watchLatency = defineWorkload({
  name: "watch-latency",
  summary: "Measure the delay of events at a steady rate of puts",
  examples: [
    ["watch-latency --local --put-total=200", "100 watchers of one key, 100 puts per second"],
    [
      "watch-latency --local --put-rate=200 --put-total=200 --prevkv",
      "events with the previous value",
    ],
  ],
  flags: {
    ...watchKeyFlags("32"),
    streams: STREAMS,
    watchersPerStream: PER_STREAM,
    ...EVENT_FLAGS,
    ...PUTS,
  },
  loadWords: { total: { default: TOTAL }, ratePerSec: { default: RATE } },
  schema: watchLatencySchema,
  calibrated: [
    {
      flags: () => ({ "put-rate": "0", "val-size": "256" }),
      counted: { series: DELIVERY, word: "event" },
    },
  ],
  writes: true,
  usesAllConnections: true,
  fill: (given) => withPutFlags(given, PUTS),
  plan(flags, context) {
    const watched = {
      keys: 1,
      perStream: flags.watchersPerStream,
      perStreamFlag: PER_STREAM.name,
    };
    const oneKey = { keySpaceSize: null, sequential: true };
    return watchPlan("watch-latency", { ...flags, ...oneKey }, watched, context);
  },
  seriesRole: watchSeriesRole,
  hasCountersInSection: true,
  makesRevision: isWatchPut,
  describe: describeWatch,
  plannedWrites: (plan, requests) => ({ ...sizesOf(plan), puts: requests, deletes: 0 }),
  preparation: () => import("./prepare.ts"),
  commandLine: (plan) => ({
    flags: { ...watchFlagsOf(plan), watchersPerStream: plan.watchersPerStream },
  }),
});
