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
  optional,
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
  describe: "number of connections",
});

export const CLIENTS = count({
  ...load,
  name: "clients",
  short: "c",
  default: "1",
  max: MAX_CLIENTS,
  describe: "number of clients, each with one request in flight",
});

export const TOTAL = count({
  ...load,
  name: "total",
  short: "n",
  default: "10000",
  scales: "end",
  describe: "number of requests; with --duration no limit unless given",
});

export const DURATION = duration({
  ...load,
  name: "duration",
  short: "z",
  min: 1,
  example: "30s",
  scales: "end",
  describe: "time to measure, e.g. 30s; with --total the run ends at what comes first",
});

export const RATE = rate({
  ...load,
  name: "rate",
  short: "r",
  default: "0",
  example: "5000",
  max: MAX_RATE_PER_SEC,
  describe:
    "requests per second of the whole run, e.g. 5000 or 300/m; 0: closed loop, each client sends after each answer",
});

/** Upstream's names of --total and --rate for the puts of its workloads that watch. */
export const PUT_TOTAL = {
  ...optional(TOTAL, { group: "Workload:", name: "put-total" }),
  short: undefined,
};
export const PUT_RATE = {
  ...optional(RATE, { group: "Workload:", name: "put-rate" }),
  short: undefined,
};

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
    scales: "part",
    describe: "time, or number of requests, before the measurement; not counted",
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
      "limit such as 'p99<20ms', or 'range:p99<20ms' for one series: find the highest rate that keeps it, in steps",
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

const SEARCH_FLAGS = {
  findMax: FIND_MAX,
  findStartPerSec: rate({
    ...load,
    name: "find-start",
    default: "1000",
    min: 1,
    max: MAX_RATE_PER_SEC,
    describe: "requests per second of the first step of --find-max",
  }),
  findStepMs: duration({
    ...load,
    name: "find-step-duration",
    default: "5s",
    min: LEAST_STEP_MS,
    max: LONGEST_STEP_MS,
    scales: "part",
    describe: "time of each step of --find-max; --duration (30s) is that of the verification",
  }),
  findPrecision: share({
    ...load,
    name: "find-precision",
    default: "5%",
    min: LEAST_PRECISION,
    max: MOST_PRECISION,
    describe: "share of the rate to which --find-max narrows the result",
  }),
};

/** All names of the flags that say how many requests are sent, how fast, and which rate is searched for. */
export const TOTAL_NAMES: readonly string[] = [TOTAL.name, PUT_TOTAL.name];
export const RATE_NAMES: readonly string[] = [RATE.name, PUT_RATE.name];
export const SEARCH_NAMES: readonly string[] = Object.values(SEARCH_FLAGS).map(({ name }) => name);

export const LOAD_FLAGS = {
  connections: CONNS,
  clients: CLIENTS,
  total: TOTAL,
  durationMs: DURATION,
  warmup: WARMUP,
  ratePerSec: RATE,
  ...SEARCH_FLAGS,
  arrival: choice(
    {
      ...load,
      name: "arrival",
      default: "constant",
      describe: "constant|poisson: intervals between the requests of --rate",
    },
    ["constant", "poisson"],
  ),
  wait: choice(
    {
      ...load,
      name: "pacing",
      default: "nap",
      describe: "nap|spin|timer: how a worker waits for the next request",
    },
    ["nap", "spin", "timer"],
  ),
  workers: count({
    ...load,
    name: "workers",
    default: "1",
    max: MAX_WORKERS,
    describe: "number of threads that send",
  }),
  timeoutMs: duration({
    ...load,
    name: "timeout",
    default: "10s",
    min: 1,
    max: MAX_TIMEOUT_MS,
    describe: "time limit of each request",
  }),
  /** As upstream, 0 is the default of whatever opens the connection. */
  dialTimeoutMs: durationOrNone({
    ...load,
    name: "dial-timeout",
    default: "0",
    min: 1,
    max: MAX_TIMEOUT_MS,
    example: "2s",
    describe: "time limit for opening a connection; 0: that of the transport, 5s",
  }),
  transport: choice(
    {
      ...load,
      name: "transport",
      default: "wire",
      describe:
        "wire|grpc-js|gateway: bench's own HTTP/2 client, the reference client, or JSON over HTTP/1.1 to etcd's " +
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
    describe: "seed of keys, values and Poisson arrivals",
  }),
};
