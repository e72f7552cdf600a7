/** `bench watch-get`: gets while watchers catch up with a history. */

import { flagError } from "../../errors.ts";
import { count, like } from "../../flags/vocabulary.ts";
import { assertKeysFit } from "../../plan/key-capacity.ts";
import { valSizeOf, valuesOf } from "../../plan/values.ts";
import { formatNoun } from "../../text/noun.ts";
import { defineWorkload } from "../definition.ts";
import { amountOf } from "../parts/calibration.ts";
import { ONE_CONSISTENCY } from "../parts/flags/consistency.ts";
import { CLEANUP, PREFIX, SIZE_FLAGS } from "../parts/flags/key-space.ts";
import { MAX_STREAMS, MAX_WATCHERS } from "../parts/flags/watching.ts";
import { sizesOf } from "../parts/keys/sizes.ts";
import { WATCH_CREATE } from "../parts/watching/series.ts";
import { describeSizes } from "../parts/words.ts";
import { type WatchGetWorkload, watchGetSchema } from "./schema.ts";
import { CATCH_UP } from "./series.ts";

const workload = { group: "Workload:" } as const;

/** They are put one by one before the run, and their revisions go to every worker. */
const MAX_EVENTS = 100_000;

/** Defaults are upstream's, whose gets are serializable. */
/** Of watchers, where the cost is measured. */
const CAUGHT_UP_PER_SEC = { wire: 80_000, "grpc-js": 8_000 } as const;
const WATCHERS_PER_GET = 5;

export const watchGet = defineWorkload({
  name: "watch-get",
  summary: "Measure gets while watchers catch up with a history, and the time that they take",
  examples: [
    ["watch-get --local", "gets one at a time, while 10,000 watchers get 8 events each"],
    [
      "watch-get --local --watchers=1k --streams=10 --conns=2 --events=100 --clients=50 --rate=500",
      "500 gets a second, and 100,000 events over 10 streams on two connections",
    ],
  ],
  flags: {
    watchers: count({
      ...workload,
      name: "watchers",
      default: "10000",
      max: MAX_WATCHERS,
      describe: "number of watchers that catch up, all on one key",
    }),
    streams: count({
      ...workload,
      name: "streams",
      default: "1",
      max: MAX_STREAMS,
      describe: "number of watch streams, over --conns connections that the gets do not use",
    }),
    events: count({
      ...workload,
      name: "events",
      default: "8",
      max: MAX_EVENTS,
      describe:
        "number of puts of the key before the watchers start; each watcher gets them as events",
    }),
    consistency: like(ONE_CONSISTENCY, {
      default: "s",
      describe: "l|s: linearizable or serializable gets",
    }),
    ...SIZE_FLAGS,
    prefix: like(PREFIX, { describe: "prepend TEXT to the key" }),
    cleanup: CLEANUP,
  },
  loadWords: {
    total: {
      shownDefault: "",
      describe: "number of gets; default: until all watchers have caught up",
    },
  },
  schema: watchGetSchema,
  calibrated: [
    {
      // The gets are over before the watchers have caught up, so their number is the same in each run.
      flags(calibration) {
        const watchers = amountOf(CAUGHT_UP_PER_SEC, calibration);
        const gets = Math.ceil(watchers / WATCHERS_PER_GET);
        return { watchers: String(watchers), streams: "100", total: String(gets) };
      },
      counted: { series: CATCH_UP, word: "event" },
      keeps: true,
      isBounded: true,
    },
  ],
  writes: true,
  usesAllConnections: true,
  endsByItself: true,
  plan(flags, { given, note }): WatchGetWorkload {
    const { watchers, streams, events, consistency, keySizeBytes, prefix } = flags;
    if (given["find-max"] !== undefined) {
      throw flagError(
        "find-max",
        "--find-max measures steps of one length, and watch-get lasts as long as its watchers catch up: " +
          "leave it out, or search with watch-latency",
      );
    }
    if (streams > watchers) {
      throw flagError(
        "streams",
        `--streams=${streams} is more than --watchers=${watchers}: give at most a stream for each`,
      );
    }
    const keys = {
      keySizeBytes,
      keySpaceSize: 1,
      sequential: true,
      popularity: "uniform" as const,
      prefix,
      encoding: "fixed" as const,
    };
    assertKeysFit(keys, "--prefix");
    const values = valuesOf(flags.valSize, keys, note);
    return { kind: "watch-get", keys, ...values, watchers, streams, events, consistency };
  },
  seriesRole(series) {
    if (series === "watch-get") return "requests";
    return series === WATCH_CREATE ? "further-requests" : "detail";
  },
  hasCountersInSection: true,
  describe(plan) {
    const { watchers, streams, events, consistency, keys } = plan;
    return [
      `watch-get ${consistency}`,
      `${formatNoun(watchers, "watcher")} over ${formatNoun(streams, "stream")}`,
      `a history of ${formatNoun(events, "event")}`,
      describeSizes(keys.keySizeBytes, plan),
    ].join(", ");
  },
  // What its total counts are gets.
  plannedWrites: (plan) => ({
    ...sizesOf(plan),
    ...{ puts: plan.events, deletes: 0, loweredBy: ["events"] },
  }),
  againstAgents: (_, { agents }) =>
    agents > 1
      ? "its gets end when the watchers of all workers have caught up, which workers know by memory that they " +
        "share, and machines have none in common; give --agents=1, or measure range and watch"
      : null,
  preparation: () => import("./prepare.ts"),
  commandLine(plan) {
    const { watchers, streams, events, keys, consistency } = plan;
    const { keySizeBytes, prefix } = keys;
    return {
      flags: {
        ...{ watchers, streams, events, keySizeBytes, prefix, consistency },
        valSize: valSizeOf(plan),
      },
    };
  },
});
