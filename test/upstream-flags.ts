/**
 * Owns every flag of etcd's benchmark tool from 3.4 to 3.8, as data: read from the sources of
 * v3.4.45, v3.5.33, v3.6.14, v3.7.1 and of main after v3.8.0-alpha.0.
 */

export interface UpstreamFlag {
  name: string;
  kind: "value" | "switch";
  /** As upstream has it; of a switch it is false. */
  default: string;
  /** Another value that is right. */
  other: string;
  /** The minor version that first had it, and the last one that did. */
  since?: string;
  until?: string;
}

export interface UpstreamCommand {
  name: string;
  /** What a line of this command needs beside its flags. */
  positionals: readonly string[];
  flags: readonly UpstreamFlag[];
}

type Extra = Pick<UpstreamFlag, "since" | "until">;

const value = (
  name: string,
  byDefault: string,
  other: string,
  extra: Extra = {},
): UpstreamFlag => ({
  name,
  kind: "value",
  default: byDefault,
  other,
  ...extra,
});

const toggle = (name: string, extra: Extra = {}): UpstreamFlag => ({
  name,
  kind: "switch",
  default: "false",
  other: "true",
  ...extra,
});

export const UPSTREAM_GLOBAL_FLAGS: readonly UpstreamFlag[] = [
  value("endpoints", "127.0.0.1:2379", "10.0.0.1:2379,10.0.0.2:2379"),
  value("conns", "1", "100"),
  value("clients", "1", "1000"),
  toggle("precise"),
  toggle("sample"),
  value("cert", "", "client.crt"),
  value("key", "", "client.key"),
  value("cacert", "", "ca.crt"),
  toggle("insecure-skip-tls-verify", { since: "3.6" }),
  value("user", "", "root:secret"),
  value("dial-timeout", "0s", "2s"),
  toggle("target-leader", { until: "3.6" }),
  value("auto-sync-interval", "0s", "30s", { since: "3.6" }),
  toggle("report-perfdash", { since: "3.7" }),
];

const KEY_SIZE = value("key-size", "8", "64");
const VAL_SIZE = value("val-size", "8", "256");
const RATE = value("rate", "0", "500");
const TOTAL = value("total", "10000", "100000");
const KEY_SPACE_SIZE = value("key-space-size", "1", "1000");

export const UPSTREAM_COMMANDS: readonly UpstreamCommand[] = [
  {
    name: "put",
    positionals: [],
    flags: [
      ...[KEY_SIZE, VAL_SIZE, RATE, TOTAL, KEY_SPACE_SIZE],
      toggle("sequential-keys"),
      value("prefix", "", "bench/", { since: "3.8" }),
      value("compact-interval", "0s", "5m"),
      value("compact-index-delta", "1000", "500"),
      toggle("check-hashkv"),
    ],
  },
  {
    name: "range",
    positionals: ["foo"],
    flags: [
      ...[RATE, TOTAL],
      value("consistency", "l", "s"),
      value("limit", "0", "100", { since: "3.6" }),
      toggle("count-only", { since: "3.6" }),
      toggle("keys-only", { since: "3.7" }),
      toggle("stream", { since: "3.7" }),
      toggle("paginate", { since: "3.7" }),
      toggle("prefix", { since: "3.7" }),
    ],
  },
  {
    name: "txn-put",
    positionals: [],
    flags: [
      ...[KEY_SIZE, VAL_SIZE, RATE, TOTAL, KEY_SPACE_SIZE],
      // No more than the key space of the line has.
      value("txn-ops", "1", "1"),
    ],
  },
  {
    name: "txn-mixed",
    positionals: [],
    flags: [
      ...[KEY_SIZE, VAL_SIZE, RATE, TOTAL, KEY_SPACE_SIZE],
      value("end-key", "", "foz", { since: "3.5" }),
      value("limit", "1000", "100", { since: "3.5" }),
      value("consistency", "l", "s", { since: "3.5" }),
      value("rw-ratio", "1", "0.5", { since: "3.5" }),
    ],
  },
  {
    name: "stm",
    positionals: [],
    flags: [
      ...[VAL_SIZE, RATE, TOTAL],
      value("isolation", "r", "ss"),
      value("keys", "1", "100"),
      value("keys-per-txn", "1", "1"),
      value("txn-wr-percent", "50", "10"),
      value("stm-locker", "stm", "lock-client"),
    ],
  },
  { name: "lease-keepalive", positionals: [], flags: [TOTAL] },
  {
    name: "watch",
    positionals: [],
    flags: [
      value("streams", "10", "20"),
      value("watch-per-stream", "100", "10"),
      value("watched-key-total", "1", "50"),
      value("put-rate", "0", "500"),
      value("put-total", "1000", "2000"),
      value("key-size", "32", "64"),
      KEY_SPACE_SIZE,
      toggle("sequential-keys"),
    ],
  },
  {
    name: "watch-get",
    positionals: [],
    flags: [
      value("watchers", "10000", "500"),
      value("streams", "1", "4"),
      value("events", "8", "16"),
    ],
  },
  {
    name: "watch-latency",
    positionals: [],
    flags: [
      value("streams", "10", "20", { since: "3.6" }),
      value("watchers-per-stream", "10", "5", { since: "3.6" }),
      toggle("prevkv", { since: "3.6" }),
      value("put-total", "1000", "2000", { since: "3.6" }),
      value("put-rate", "100", "500"),
      value("key-size", "32", "64"),
      value("val-size", "32", "256"),
      value("total", "10000", "2000", { until: "3.5" }),
    ],
  },
];

/** Measures bbolt within the tool's own process: nothing that a server could be asked for. */
export const UPSTREAM_OUT_OF_SCOPE: UpstreamCommand = {
  name: "mvcc",
  positionals: ["put"],
  flags: [
    value("batch-interval", "100", "10"),
    value("batch-limit", "10000", "100"),
    value("total", "100", "1000"),
    value("key-size", "64", "8"),
    value("value-size", "64", "8"),
    toggle("txn"),
    value("txn-ops", "1", "10"),
    value("cpuprofile", "", "cpu.out"),
    value("memprofile", "", "mem.out"),
  ],
};
