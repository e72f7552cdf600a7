/**
 * Owns the flags of every command as data: how argv is read, what help prints and which commands
 * share which flags all follow from these lists. A name means the same wherever it stands, but for
 * --prefix, which is upstream's: a value for writes, a switch for reads.
 */
import { DEFAULTS, TXN_MIXED_DEFAULTS } from "../plan/defaults.ts";

export type FlagGroup = "Target:" | "Load:" | "Workload:" | "Output:";

export interface FlagSpec {
  /** Without the dashes. */
  name: string;
  /** One letter. */
  short?: string;
  /** `value` takes `=VALUE` or the next argument; `optional` a value by `=` alone; `switch` none
   * (or `=false`). */
  kind: "value" | "optional" | "switch";
  /** What an `optional` flag without a value stands for. */
  bareValue?: string;
  /** All of them count; for every other flag the last one does, as with Go's flags. */
  repeatable?: boolean;
  group: FlagGroup;
  describe: string;
  /** As help shows it. */
  default?: string;
}

const def = (name: keyof typeof DEFAULTS): { name: string; default: string } => ({
  name,
  default: DEFAULTS[name] === "" ? "none" : DEFAULTS[name],
});

const target = { kind: "value", group: "Target:" } as const;
const load = { kind: "value", group: "Load:" } as const;
const workload = { kind: "value", group: "Workload:" } as const;
const output = { kind: "value", group: "Output:" } as const;

const ETCD_FLAG: FlagSpec = {
  ...target,
  name: "etcd",
  describe: "PATH of the etcd binary that a throwaway cluster is started from",
};

const TARGET_FLAGS: readonly FlagSpec[] = [
  {
    ...target,
    ...def("endpoints"),
    describe: "[http(s)://]HOST:PORT,... taken round robin; else $ETCDCTL_ENDPOINTS",
  },
  { ...target, name: "target-leader", kind: "switch", describe: "use the leader's endpoint alone" },
  {
    ...target,
    name: "metrics-endpoints",
    describe: "http(s)://HOST:PORT,... of the members' metrics, where not the client port",
  },
  {
    ...target,
    name: "local",
    kind: "optional",
    bareValue: "1",
    describe: "=1|3|5: start a throwaway etcd of so many members for this run",
  },
  ETCD_FLAG,
  {
    ...target,
    name: "tls",
    kind: "switch",
    describe: "with --local: over TLS, with certificates made for both sides",
  },
  {
    ...target,
    name: "auth",
    kind: "optional",
    bareValue: "simple",
    describe: "=simple|jwt with --local: with authentication on, as a user made for it",
  },
  {
    ...target,
    name: "cacert",
    describe: "PEM of the authorities to trust; also turns TLS on, as https:// in --endpoints does",
  },
  { ...target, name: "cert", describe: "PEM of the client's certificate; with --key" },
  { ...target, name: "key", describe: "PEM of its private key" },
  {
    ...target,
    name: "tls-server-name",
    describe: "name to expect in the server's certificate, where not the endpoint's host",
  },
  {
    ...target,
    name: "insecure-skip-tls-verify",
    kind: "switch",
    describe: "take any server certificate",
  },
  {
    ...target,
    name: "user",
    describe: "NAME[:PASSWORD], asked for when missing; else $ETCDCTL_USER, $ETCDCTL_PASSWORD",
  },
  {
    ...target,
    ...def("auto-sync-interval"),
    describe: "as upstream's, without effect: connections stay where they were dealt",
  },
  {
    ...target,
    name: "force",
    kind: "switch",
    describe: "write even if etcd's backend quota cannot hold what the run puts",
  },
];

const LOAD_FLAGS: readonly FlagSpec[] = [
  { ...load, ...def("conns"), describe: "connections" },
  { ...load, ...def("clients"), short: "c", describe: "clients, each with one request in flight" },
  {
    ...load,
    ...def("total"),
    short: "n",
    describe: "requests; not set by default with --duration",
  },
  {
    ...load,
    name: "duration",
    short: "z",
    describe: "time to measure, e.g. 30s; with --total whichever comes first",
  },
  {
    ...load,
    ...def("warmup"),
    short: "w",
    describe: "time or number of requests that are sent first and not counted",
  },
  {
    ...load,
    ...def("rate"),
    short: "r",
    describe:
      "requests per second of the whole run, e.g. 5000 or 300/m; 0: as fast as answers come",
  },
  {
    ...load,
    name: "find-max",
    repeatable: true,
    describe: "'p99<20ms': find the highest rate that keeps it, with steps at constant rates",
  },
  { ...load, ...def("find-start"), describe: "rate of the search's first step" },
  { ...load, ...def("find-step-duration"), describe: "of a step; --duration (30s) verifies" },
  { ...load, ...def("find-precision"), describe: "how close the search comes to the highest rate" },
  { ...load, ...def("arrival"), describe: "constant|poisson: how --rate spaces requests" },
  { ...load, ...def("pacing"), describe: "nap|spin|timer: how a worker waits for the next one" },
  { ...load, ...def("workers"), describe: "threads that send" },
  { ...load, ...def("timeout"), describe: "deadline of each request" },
  {
    ...load,
    ...def("dial-timeout"),
    describe: "time for a connection to open; 0: the transport's own, 5s",
  },
  { ...load, ...def("transport"), describe: "wire|grpc-js: own HTTP/2, or the reference client" },
  { ...load, ...def("seed"), describe: "of keys, values and Poisson arrivals" },
];

const SIZE_FLAGS: readonly FlagSpec[] = [
  { ...workload, ...def("key-size"), describe: "bytes of a key, prefix included" },
  { ...workload, ...def("val-size"), describe: "bytes of a value, e.g. 256 or 4KiB" },
];

const PUT_FLAGS: readonly FlagSpec[] = [
  ...SIZE_FLAGS,
  { ...workload, ...def("key-space-size"), describe: "distinct keys" },
  {
    ...workload,
    name: "sequential-keys",
    kind: "switch",
    describe: "keys in order, not at random; without --key-space-size all distinct",
  },
  { ...workload, ...def("prefix"), describe: "of every key" },
  {
    ...workload,
    ...def("key-encoding"),
    describe: "fixed|varint: big-endian index, or upstream's zig-zag varint",
  },
];

const TXN_OPS_FLAG: FlagSpec = {
  ...workload,
  ...def("txn-ops"),
  describe: "puts of a transaction; at most --key-space-size",
};

const ONE_CONSISTENCY_FLAG: FlagSpec = {
  ...workload,
  ...def("consistency"),
  describe: "l|s (linearizable, serializable), of the ranges",
};

const RANGE_FLAGS: readonly FlagSpec[] = [
  {
    ...workload,
    name: "prefix",
    kind: "switch",
    describe: "all keys that start with KEY; without KEY all keys there are",
  },
  { ...workload, ...def("limit"), describe: "most keys of an answer; 0: all" },
  { ...workload, name: "keys-only", kind: "switch", describe: "answers without values" },
  { ...workload, name: "count-only", kind: "switch", describe: "answers without keys and values" },
  {
    ...workload,
    name: "sort",
    default: "none",
    describe:
      "key|version|create|mod|value[:ascend|:descend]: order that the server brings keys in",
  },
  {
    ...workload,
    ...def("consistency"),
    describe: "l|s (linearizable, serializable), or l,s for both, interleaved",
  },
  ...SIZE_FLAGS,
];

/** What every command that prints results takes. */
const PRINT_FLAGS: readonly FlagSpec[] = [
  {
    ...output,
    name: "output",
    short: "o",
    repeatable: true,
    default: "table",
    describe:
      "FORMAT[=FILE]: table, summary, json, csv, sample or perfdash; to standard output without FILE",
  },
  {
    ...output,
    name: "precise",
    kind: "switch",
    describe: "below the table its figures with all their digits",
  },
  {
    ...output,
    name: "sample",
    kind: "switch",
    describe: "below the table a row of CSV for each second, as upstream's tool prints it",
  },
  { ...output, name: "quiet", kind: "switch", describe: "only results and errors" },
  {
    ...output,
    name: "no-color",
    kind: "switch",
    describe: "as with $NO_COLOR; $FORCE_COLOR colours without a terminal",
  },
];

const SAVE_FLAG: FlagSpec = {
  ...output,
  name: "save",
  kind: "optional",
  bareValue: "results",
  describe: "=DIR: keep the whole result as a JSON file; DIR is results by default",
};

const NO_PROGRESS_FLAG: FlagSpec = {
  ...output,
  name: "no-progress",
  kind: "switch",
  describe: "no progress on standard error",
};

const JUDGE_FLAGS: readonly FlagSpec[] = [
  SAVE_FLAG,
  {
    ...output,
    name: "report-perfdash",
    kind: "switch",
    describe: "write a perfdash file to $ARTIFACTS, else _artifacts, as upstream's tool names it",
  },
  {
    ...output,
    ...def("max-error-rate"),
    describe: "share of failed requests above which the exit code is 1, e.g. 1% or 0.01",
  },
  {
    ...output,
    name: "threshold",
    repeatable: true,
    describe: "'p99<20ms', 'qps>10000', 'errors<0.1%': exit code 1 where it does not hold",
  },
  {
    ...output,
    name: "strict",
    kind: "switch",
    describe: "exit code 4 if the measurement is invalid",
  },
  NO_PROGRESS_FLAG,
];

export const PUT_COMMAND_FLAGS = [
  ...TARGET_FLAGS,
  ...LOAD_FLAGS,
  ...PUT_FLAGS,
  ...PRINT_FLAGS,
  ...JUDGE_FLAGS,
];

/** Of a command over a key space: those of put, but for the order of keys, and its own. */
function keySpaceCommandFlags(own: readonly FlagSpec[]): FlagSpec[] {
  const names = new Set(["sequential-keys", ...own.map(({ name }) => name)]);
  const shared = PUT_FLAGS.filter(({ name }) => !names.has(name));
  return [...TARGET_FLAGS, ...LOAD_FLAGS, ...shared, ...own, ...PRINT_FLAGS, ...JUDGE_FLAGS];
}

export const RANGE_COMMAND_FLAGS = [
  ...TARGET_FLAGS,
  ...LOAD_FLAGS,
  ...RANGE_FLAGS,
  ...PRINT_FLAGS,
  ...JUDGE_FLAGS,
];

export const TXN_PUT_COMMAND_FLAGS = keySpaceCommandFlags([TXN_OPS_FLAG]);

export const STM_COMMAND_FLAGS: readonly FlagSpec[] = [
  ...TARGET_FLAGS,
  ...LOAD_FLAGS,
  {
    ...workload,
    ...def("isolation"),
    describe: "c|r|s|ss: read committed, repeatable reads, serializable, serializable snapshot",
  },
  { ...workload, ...def("keys"), describe: "distinct keys that clients contend for" },
  { ...workload, ...def("keys-per-txn"), describe: "distinct keys that a transaction reads" },
  { ...workload, ...def("txn-wr-percent"), describe: "chance of each of them to be written too" },
  {
    ...workload,
    ...def("stm-locker"),
    describe: "stm|lock-client|lock-rpc: no lock, etcd's mutex recipe, or its lock service",
  },
  { ...workload, ...def("val-size"), describe: "bytes of a value; the first 6 count its writes" },
  { ...workload, name: "prefix", default: "bench-stm/", describe: "of every key" },
  ...PRINT_FLAGS,
  ...JUDGE_FLAGS,
];

export const LEASE_GRANT_COMMAND_FLAGS: readonly FlagSpec[] = [
  ...TARGET_FLAGS,
  ...LOAD_FLAGS,
  { ...workload, ...def("ttl"), describe: "time to live of each lease, in whole seconds" },
  { ...workload, ...def("keys-per-lease"), describe: "keys put with each lease, one by one" },
  {
    ...workload,
    name: "expire",
    kind: "switch",
    describe: "no revoke: measure how long after its due time a lease's first key is deleted",
  },
  { ...workload, ...def("val-size"), describe: "bytes of a value, e.g. 256 or 4KiB" },
  { ...workload, name: "prefix", default: "bench-lease/", describe: "of every key" },
  ...PRINT_FLAGS,
  ...JUDGE_FLAGS,
];

export const LEASE_KEEPALIVE_COMMAND_FLAGS: readonly FlagSpec[] = [
  ...TARGET_FLAGS,
  ...LOAD_FLAGS,
  {
    ...workload,
    name: "new-stream",
    kind: "switch",
    describe: "a stream for each keep-alive, as upstream; else each client keeps one open",
  },
  ...PRINT_FLAGS,
  ...JUDGE_FLAGS,
];

export const DELETE_COMMAND_FLAGS = keySpaceCommandFlags([
  {
    ...workload,
    name: "key-space-size",
    describe: "keys that are put first and deleted in order; by default as many as requests",
  },
]);

export const TXN_MIXED_COMMAND_FLAGS = keySpaceCommandFlags([
  { ...workload, ...def("rw-ratio"), describe: "ranges per put, e.g. 4 or 0.125" },
  {
    ...workload,
    name: "end-key",
    describe: "ranges end before this key, as with [end]; by default where the key space does",
  },
  {
    ...workload,
    name: "limit",
    default: TXN_MIXED_DEFAULTS.limit,
    describe: "most keys of an answer; 0: all",
  },
  ONE_CONSISTENCY_FLAG,
]);

export const MIXED_COMMAND_FLAGS = keySpaceCommandFlags([
  {
    ...workload,
    ...def("mix"),
    describe:
      "weights of put, range, delete, txn-put, or YCSB's shares by name: ycsb-a (put=50,range=50), " +
      "ycsb-b (put=5,range=95), ycsb-c (range=100), on keys drawn evenly; its D, E and F are not offered",
  },
  {
    ...workload,
    name: "key-space-size",
    default: "1000",
    describe: "distinct keys, each put once before the clock starts",
  },
  ONE_CONSISTENCY_FLAG,
  TXN_OPS_FLAG,
]);

export const REPORT_COMMAND_FLAGS = PRINT_FLAGS;

export const QUICKSTART_COMMAND_FLAGS = [ETCD_FLAG, ...PRINT_FLAGS, SAVE_FLAG, NO_PROGRESS_FLAG];
