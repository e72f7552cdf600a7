/** Owns the workloads whose cost can be measured on the null server, each as flags of its command. */
import { usageError } from "../errors.ts";
import type { Invocation } from "../plan/from-flags.ts";
import type { PlanFlags } from "../plan/plan-flags.ts";
import { KEY_SIZE_BYTES, VAL_SIZE_BYTES } from "./null-server/answers.ts";

export interface CalibratedWorkload {
  name: string;
  command: Invocation["command"];
  flags: PlanFlags;
  key?: string;
  /** What is counted where it is not the operation: a series of the run, and the word for one. */
  counted?: { series: string; word: string };
}

/** Also what h2load sends. */
export const RANGE_KEY = "calibrat";

const SIZES = { "key-size": String(KEY_SIZE_BYTES), "val-size": String(VAL_SIZE_BYTES) };
/** They are put before the clock starts, over the dearer client too. */
const FILLED = { ...SIZES, "key-space-size": "1000" };

export const PUT_WORKLOAD: CalibratedWorkload = {
  name: "put",
  command: "put",
  // As many keys as a run of etcd's published write table has, and then some.
  flags: { ...SIZES, "key-space-size": "1000000", "sequential-keys": true },
};

const RANGE_WORKLOAD: CalibratedWorkload = {
  name: "range",
  command: "range",
  key: RANGE_KEY,
  flags: { consistency: "s" },
};

export const DEFAULT_WORKLOADS: readonly CalibratedWorkload[] = [PUT_WORKLOAD, RANGE_WORKLOAD];

export const CALIBRATED_WORKLOADS: readonly CalibratedWorkload[] = [
  ...DEFAULT_WORKLOADS,
  {
    name: "txn-put",
    command: "txn-put",
    flags: { ...SIZES, "key-space-size": "10000", "txn-ops": "4" },
  },
  { name: "txn-mixed", command: "txn-mixed", flags: { ...SIZES, "key-space-size": "10000" } },
  { name: "delete", command: "delete", flags: FILLED },
  { name: "mixed", command: "mixed", flags: { ...FILLED, mix: "put=20,range=70,delete=10" } },
  { name: "stm", command: "stm", flags: { keys: "1000", "val-size": "256" } },
  {
    name: "stm-lock-rpc",
    command: "stm",
    flags: { keys: "1000", "val-size": "256", "stm-locker": "lock-rpc" },
  },
  // Ten clients contend for each.
  { name: "lock", command: "lock", flags: { locks: "100" } },
  { name: "election", command: "election", flags: { elections: "100" } },
  { name: "lease-grant", command: "lease-grant", flags: {} },
  { name: "lease-keepalive", command: "lease-keepalive", flags: {} },
  {
    name: "watch",
    command: "watch",
    flags: { streams: "10", "watch-per-stream": "10", "val-size": "256" },
    counted: { series: "watch-delivery", word: "event" },
  },
];

/** Of each measuring command that is not in the table, why. */
export const ONLY_ON_ETCD: Readonly<Record<string, string>> = {
  "watch-latency": "it is watch at a rate, and costs what that costs",
  compact: "its load is puts and ranges, and costs what they cost",
  defrag: "its load is puts and ranges, and costs what they cost",
  kubernetes: "its requests follow from what it has written, and the null server keeps nothing",
  "watch-get": "its watchers catch up with a history, and the null server has none",
  staleness: "its operations are puts, and cost what put costs",
};

/** `all` or names. @throws BenchError (usage) that names one that is unknown. */
export function parseWorkloads(text: string): readonly CalibratedWorkload[] {
  if (text === "all") return CALIBRATED_WORKLOADS;
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  return names.map((name) => {
    const found = CALIBRATED_WORKLOADS.find((each) => each.name === name);
    if (found !== undefined) return found;
    const why = ONLY_ON_ETCD[name];
    if (why !== undefined) throw usageError(`--workloads: ${name} has no row of its own: ${why}`);
    throw usageError(
      `--workloads: ${JSON.stringify(name)} is neither all nor one of ` +
        CALIBRATED_WORKLOADS.map((each) => each.name).join(", "),
    );
  });
}
