/** `bench availability`: what each kind of request sees while something happens to etcd. */
import { flagError, usageError } from "../../errors.ts";
import type { GivenFlags } from "../../flags/flag.ts";
import { duration, parsed, size, wholeSeconds } from "../../flags/vocabulary.ts";
import { readDurationMs } from "../../units.ts";
import { defineWorkload } from "../definition.ts";
import { CLEANUP, namePrefix } from "../parts/flags/key-space.ts";
import { withDuration } from "../parts/flags/usual-duration.ts";
import { AVAILABILITY_OPERATIONS, type AvailabilityOperation } from "./operations.ts";
import { type AvailabilityWorkload, availabilitySchema } from "./schema.ts";

const workload = { group: "Workload:" } as const;

const RATE = "1000";
const TIMEOUT = "1s";
const DURATION = "20s";
/** Each request is kept until the end. */
const MOST_REQUESTS = 5_000_000;
/** More clients than the requests that a whole timeout has due. */
const CLIENTS_FACTOR = 1.1;
const SPARE_CLIENTS = 20;
/** The same for the rate and timeout above. */
const CLIENTS = "1120";
const KEY_DIGITS = 12;

export const OPERATIONS = parsed(
  {
    ...workload,
    name: "workload",
    default: "put,range-linearizable,range-serializable",
    describe: `OPERATION,...: which requests take turns, of ${AVAILABILITY_OPERATIONS.join(", ")}`,
  },
  {
    isList: true,
    choices: AVAILABILITY_OPERATIONS,
    parse(flag, text): AvailabilityOperation[] {
      const names = text.split(",").map((each) => each.trim());
      const operations = names.map((name) => {
        const found = AVAILABILITY_OPERATIONS.find((each) => each === name);
        if (found !== undefined) return found;
        throw flagError(
          "workload",
          `${flag}: ${JSON.stringify(name)} is not one of ${AVAILABILITY_OPERATIONS.join(", ")}`,
        );
      });
      const twice = operations.find((each, at) => operations.indexOf(each) < at);
      if (twice !== undefined) throw flagError("workload", `${flag} names ${twice} twice`);
      return operations;
    },
    format: (operations) => operations.join(","),
  },
);

export const SLOW = duration({
  ...workload,
  name: "slow",
  default: "500ms",
  min: 1,
  describe: "an answer that comes later than this after its request was due counts as none",
});

const FLAGS = {
  operations: OPERATIONS,
  slowMs: SLOW,
  valSizeBytes: size({
    ...workload,
    name: "val-size",
    default: "256",
    min: 16,
    max: 1024 * 1024,
    describe: "bytes of each value",
  }),
  ttlSeconds: wholeSeconds({
    ...workload,
    name: "ttl",
    default: "10s",
    min: 1_000,
    describe: "time to live of the leases that are kept alive, in whole seconds",
  }),
  statusEveryMs: duration({
    ...workload,
    name: "status-interval",
    default: "20ms",
    min: 5,
    max: 1_000,
    describe: "time between two questions to each member about its leader and its raft index",
  }),
  prefix: namePrefix("availability", "bench-availability/", "prepend TEXT to every key"),
  cleanup: CLEANUP,
};

export const availability = defineWorkload({
  name: "availability",
  summary: "Measure unavailability: windows, lost writes and stale reads by operation and member",
  examples: [
    [
      "availability --local=3 --duration=5s",
      "1,000 requests a second, of puts and both kinds of ranges, through each member and through all",
    ],
    [
      "availability --local=3 --workload=put,watch --rate=300 --duration=5s --defrag-at=2s",
      "what a defragmentation costs puts and watchers",
    ],
  ],
  flags: FLAGS,
  loadWords: {
    ratePerSec: { default: RATE, describe: "requests per second of the whole run" },
    timeoutMs: { default: TIMEOUT },
    durationMs: { shownDefault: DURATION },
    clients: { default: CLIENTS, shownDefault: "enough for --rate" },
    total: { shownDefault: "" },
    warmup: { default: "1s" },
    workers: { describe: "1: all requests are judged by what one thread has seen" },
  },
  schema: availabilitySchema,
  usesAllConnections: true,
  keepsEachRequest: true,
  calibrated: [
    {
      // It takes a rate in any case; far more than this a busy machine does not reach over grpc-js.
      flags: ({ sizes }) => ({
        rate: "5000",
        workload: "put,range-serializable",
        "val-size": sizes["val-size"],
      }),
      keeps: true,
    },
  ],
  writes: true,
  fill: filled,
  plan(flags, { load, limits, given }): AvailabilityWorkload {
    if (load.workers > 1) {
      throw flagError(
        "workers",
        `--workers=${load.workers}: availability judges requests by what one thread has seen; leave it at 1`,
      );
    }
    if (/^0+([./]|$)/.test(String(given.rate))) {
      throw flagError(
        "rate",
        `--rate=${given.rate}: without a schedule an outage leaves no gap; give a rate, e.g. --rate=${RATE}`,
      );
    }
    const { operations, cleanup: _, ...rest } = flags;
    if (operations.includes("watch") && !operations.includes("put")) {
      throw flagError(
        "workload",
        "--workload: watchers hear of puts; add put, e.g. --workload=put,watch",
      );
    }
    if (limits.durationMs === null && limits.totalRequests === null) {
      throw usageError("availability needs an end: give --duration or --total");
    }
    return { kind: "availability", operations, ...rest };
  },
  describe: ({ operations, slowMs, valSizeBytes }) =>
    `availability of ${operations.join(", ")}, value ${valSizeBytes} B, slow after ${slowMs} ms`,
  plannedWrites: ({ operations, prefix, valSizeBytes }, requests) => ({
    keySizeBytes: Buffer.byteLength(prefix) + KEY_DIGITS,
    valSizeBytes,
    valueSize: null,
    puts: operations.includes("put") ? Math.ceil(requests / requestKinds(operations)) : 0,
    deletes: 0,
  }),
  againstAgents: (_, { agents }) =>
    agents > 1 ? "all requests are judged by what one thread has seen; give --agents=1" : null,
  preparation: () => import("./prepare.ts"),
  commandLine: ({ kind: _, ...flags }) => ({ flags }),
});

function requestKinds(operations: readonly AvailabilityOperation[]): number {
  return Math.max(1, operations.filter((each) => each !== "watch").length);
}

/** A run fails no test by the errors that it is there to count, and has a client for each that waits. */
function filled(given: GivenFlags): GivenFlags {
  const rate = Number.parseFloat(String(given.rate ?? RATE));
  const timeoutMs = readDurationMs(String(given.timeout ?? TIMEOUT)) ?? 1_000;
  const clients = Math.ceil((CLIENTS_FACTOR * rate * timeoutMs) / 1_000) + SPARE_CLIENTS;
  return {
    "max-error-rate": "100%",
    clients: String(Number.isFinite(clients) ? Math.min(clients, MOST_REQUESTS) : 1),
    ...withDuration(given, DURATION),
  };
}
