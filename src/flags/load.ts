/** The flags that say how much is sent, when, and by what. */
import {
  badValue,
  formatCount,
  formatDuration,
  isZeroDuration,
  MAX_DURATION_MS,
  parseCount,
  parseDurationMs,
  readCount,
} from "../units.ts";
import { parseThreshold, type Threshold } from "./threshold.ts";
import {
  choice,
  count,
  duration,
  durationOrNone,
  parsed,
  rate,
  repeated,
  share,
} from "./vocabulary.ts";

const load = { group: "Load:" } as const;

const MAX_CONNECTIONS = 100_000;
const MAX_CLIENTS = 1_000_000;
const MAX_WORKERS = 1024;
const MAX_RATE_PER_SEC = 10_000_000;
const MAX_TIMEOUT_MS = 3_600_000;
const LEAST_STEP_MS = 100;
const LONGEST_STEP_MS = 3_600_000;
/** Rates are searched in three digits, and measured figures swing by more than this anyway. */
const LEAST_PRECISION = 0.01;
const MOST_PRECISION = 0.5;

export const CONNS = count({
  ...load,
  name: "conns",
  default: "1",
  max: MAX_CONNECTIONS,
  describe: "connections",
});

export const CLIENTS = count({
  ...load,
  name: "clients",
  short: "c",
  default: "1",
  max: MAX_CLIENTS,
  describe: "clients, each with one request in flight",
});

export const TOTAL = count({
  ...load,
  name: "total",
  short: "n",
  default: "10000",
  describe: "requests; not set by default with --duration",
});

export const DURATION = duration({
  ...load,
  name: "duration",
  short: "z",
  min: 1,
  example: "30s",
  describe: "time to measure, e.g. 30s; with --total whichever comes first",
});

export const RATE = rate({
  ...load,
  name: "rate",
  short: "r",
  default: "0",
  example: "5000",
  max: MAX_RATE_PER_SEC,
  describe: "requests per second of the whole run, e.g. 5000 or 300/m; 0: as fast as answers come",
});

export interface Warmup {
  warmupRequests: number | null;
  warmupMs: number | null;
}

/** A time or a number of requests. */
const WARMUP = parsed(
  {
    ...load,
    name: "warmup",
    short: "w",
    default: "0",
    describe: "time or number of requests that are sent first and not counted",
  },
  {
    parse(flag, text): Warmup {
      const none = { warmupRequests: null, warmupMs: null };
      if (isZeroDuration(text)) return none;
      if (readCount(text) !== null) {
        return { ...none, warmupRequests: parseCount(flag, text, { min: 1, example: "10k" }) };
      }
      if (!/\d/.test(text) || !/[smh]$/.test(text)) {
        throw badValue(flag, text, "a duration (with its unit) or a number of requests", "10s");
      }
      const bounds = { min: 1, max: MAX_DURATION_MS, example: "10s" };
      return { ...none, warmupMs: parseDurationMs(flag, text, bounds) };
    },
    format({ warmupRequests, warmupMs }) {
      if (warmupMs !== null) return formatDuration(warmupMs);
      return warmupRequests === null ? "0" : formatCount(warmupRequests);
    },
  },
);

/** A limit is what grows with the rate: a latency, or the share of errors, from above. */
const FIND_MAX = repeated<Threshold>(
  {
    ...load,
    name: "find-max",
    describe:
      "'p99<20ms', or 'range:p99<20ms' of one series: find the highest rate that keeps it, by steps",
  },
  {
    parse(flag, text) {
      const limit = parseThreshold(flag, text);
      if (limit.metric !== "qps" && limit.comparison.startsWith("<")) return limit;
      throw badValue(
        flag,
        text,
        "a limit that a higher rate comes to break: a latency or errors with < or <=",
        "'p99<20ms'",
      );
    },
    format: ({ expression }) => expression,
  },
);

export const LOAD_FLAGS = {
  connections: CONNS,
  clients: CLIENTS,
  total: TOTAL,
  durationMs: DURATION,
  warmup: WARMUP,
  ratePerSec: RATE,
  findMax: FIND_MAX,
  findStartPerSec: rate({
    ...load,
    name: "find-start",
    default: "1000",
    min: 1,
    max: MAX_RATE_PER_SEC,
    describe: "rate of the search's first step",
  }),
  findStepMs: duration({
    ...load,
    name: "find-step-duration",
    default: "5s",
    min: LEAST_STEP_MS,
    max: LONGEST_STEP_MS,
    describe: "of a step; --duration (30s) verifies",
  }),
  findPrecision: share({
    ...load,
    name: "find-precision",
    default: "5%",
    min: LEAST_PRECISION,
    max: MOST_PRECISION,
    describe: "how close the search comes to the highest rate",
  }),
  arrival: choice(
    {
      ...load,
      name: "arrival",
      default: "constant",
      describe: "constant|poisson: how --rate spaces requests",
    },
    ["constant", "poisson"],
  ),
  wait: choice(
    {
      ...load,
      name: "pacing",
      default: "nap",
      describe: "nap|spin|timer: how a worker waits for the next one",
    },
    ["nap", "spin", "timer"],
  ),
  workers: count({
    ...load,
    name: "workers",
    default: "1",
    max: MAX_WORKERS,
    describe: "threads that send",
  }),
  timeoutMs: duration({
    ...load,
    name: "timeout",
    default: "10s",
    min: 1,
    max: MAX_TIMEOUT_MS,
    describe: "deadline of each request",
  }),
  /** As upstream, 0 is the default of whatever opens the connection. */
  dialTimeoutMs: durationOrNone({
    ...load,
    name: "dial-timeout",
    default: "0",
    min: 1,
    max: MAX_TIMEOUT_MS,
    example: "2s",
    describe: "time for a connection to open; 0: the transport's own, 5s",
  }),
  transport: choice(
    {
      ...load,
      name: "transport",
      default: "wire",
      describe:
        "wire|grpc-js|gateway: own HTTP/2, the reference client, or JSON over HTTP/1.1 to etcd's " +
        "grpc-gateway (put and range; a connection for each client)",
    },
    ["wire", "grpc-js", "gateway"],
  ),
  seed: count({
    ...load,
    name: "seed",
    default: "1",
    min: 0,
    max: 0xffffffff,
    describe: "of keys, values and Poisson arrivals",
  }),
};
