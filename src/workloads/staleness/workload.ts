/** `bench staleness`: how far the serializable reads of each member lag while keys are put. */

import { flagError } from "../../errors.ts";
import { like, rate } from "../../flags/vocabulary.ts";
import { valSizeOf, valuesOf } from "../../plan/values.ts";
import { formatRate } from "../../tables/number-format.ts";
import { defineWorkload } from "../definition.ts";
import { CLOSED_LOOP } from "../parts/calibration.ts";
import {
  KEY_SPACE_FLAGS,
  keySpaceFlagsOf,
  keySpaceOf,
  POPULARITY,
} from "../parts/flags/key-space.ts";
import { withDuration } from "../parts/flags/usual-duration.ts";
import { sizesOf } from "../parts/keys/sizes.ts";
import { describeOrder, describeSizes } from "../parts/words.ts";
import { type StalenessWorkload, stalenessSchema } from "./schema.ts";
import { memberOfReads, PUTS } from "./series.ts";

/** Of each member; beyond it the reads would be the load that is measured. */
const MAX_READ_RATE_PER_SEC = 10_000;
const DURATION = "10s";
const KEYS = "10000";

const READ_RATE = rate({
  group: "Workload:",
  name: "read-rate",
  default: "200",
  max: MAX_READ_RATE_PER_SEC,
  describe: "serializable reads per second of each member in --endpoints, at random times",
});

export const staleness = defineWorkload({
  name: "staleness",
  summary: "Measure how old the answers of each member's serializable reads are",
  examples: [
    [
      "staleness --local=3",
      "500 puts a second over all members, and 200 reads a second of each member",
    ],
    [
      "staleness --local=3 --target-leader --rate=2000 --clients=200 --duration=5s",
      "2,000 puts a second to the leader, and reads of all three members",
    ],
    [
      "staleness --local=3 --rate=0 --clients=20 --duration=3s --read-rate=500",
      "closed loop of puts, and 500 reads a second of each member",
    ],
  ],
  flags: {
    ...KEY_SPACE_FLAGS,
    keySpaceSize: like(KEY_SPACE_FLAGS.keySpaceSize, { default: KEYS, shownDefault: KEYS }),
    valSize: like(KEY_SPACE_FLAGS.valSize, { default: "256" }),
    sequential: like(KEY_SPACE_FLAGS.sequential, {
      describe: "write keys in order, not at random",
    }),
    popularity: POPULARITY,
    readRatePerSec: READ_RATE,
  },
  // A fixed rate of puts, since a closed loop would push as fast as the slowest part lets it.
  loadWords: {
    ratePerSec: {
      default: "500",
      describe: "puts per second of the whole run; 0: closed loop",
    },
    clients: { default: "50" },
    connections: { default: "3" },
    durationMs: { shownDefault: DURATION },
    total: {
      shownDefault: "",
      describe: "number of puts; default: as many as fit into --duration",
    },
    workers: { describe: "must be 1: one thread tracks the acknowledged revisions" },
  },
  schema: stalenessSchema,
  calibrated: [{ flags: ({ sizes }) => ({ ...sizes, ...CLOSED_LOOP }) }],
  writes: false,
  fill: (given) => withDuration(given, DURATION),
  plan(flags, { given, load, note }): StalenessWorkload {
    const { readRatePerSec, sequential } = flags;
    if (load.workers > 1) {
      throw flagError(
        "workers",
        `--workers=${load.workers}: staleness tracks acknowledged revisions in one thread; leave it at 1`,
      );
    }
    if (readRatePerSec === 0) {
      throw flagError(
        READ_RATE.name,
        `--read-rate=${given[READ_RATE.name]}: without reads nothing is measured, e.g. --read-rate=${READ_RATE.default}`,
      );
    }
    const keys = keySpaceOf(flags, sequential);
    return { kind: "staleness", keys, ...valuesOf(flags.valSize, keys, note), readRatePerSec };
  },
  seriesRole(series, names) {
    if (series === PUTS) return "requests";
    return memberOfReads(series, names) === null ? "outcome" : "further-requests";
  },
  makesRevision: (series) => series === PUTS,
  describe(plan) {
    const reads = `${formatRate(plan.readRatePerSec)} serializable reads/s of each member`;
    const puts = `put, ${describeSizes(plan.keys.keySizeBytes, plan)}${describeOrder(plan.keys)}`;
    return `staleness, ${reads}, ${puts}`;
  },
  plannedWrites: (plan, requests) => ({ ...sizesOf(plan), puts: requests, deletes: 0 }),
  againstAgents: (_, { agents }) =>
    agents > 1 ? "one thread tracks the acknowledged revisions; give --agents=1" : null,
  preparation: () => import("./prepare.ts"),
  commandLine: (plan) => ({
    flags: {
      ...keySpaceFlagsOf(plan.keys),
      sequential: plan.keys.sequential,
      valSize: valSizeOf(plan),
      readRatePerSec: plan.readRatePerSec,
    },
  }),
});
