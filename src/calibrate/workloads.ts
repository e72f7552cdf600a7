/** Owns the workloads whose cost is measured on the null server, each as flags of its command. */
import { usageError } from "../errors.ts";
import { KEY_SIZE_BYTES, VAL_SIZE_BYTES } from "../fake-etcd/kv/service.ts";
import type { GivenFlags } from "../flags/flag.ts";
import type { RunPlan } from "../plan/schema.ts";

/** Those that the fake etcd answers. */
export type CalibratedTransport = Exclude<RunPlan["load"]["transport"], "gateway">;

/** What a workload's flags may depend on. */
export interface Calibrated {
  transport: CalibratedTransport;
  clients: number;
  /** How long it is to be measured, about. */
  durationMs: number | null;
}

export interface CalibratedWorkload {
  name: string;
  command: string;
  flags: GivenFlags | ((calibrated: Calibrated) => GivenFlags);
  key?: string;
  /** What is counted where it is not the first operation: a series of the run, and the word for one. */
  counted?: { series: string; word?: string };
  /** It is one request over and over, which clients that are not ours can send too. */
  repeats?: "put" | "range";
  /** It comes back to what it wrote, so the null server keeps that. */
  keeps?: true;
  /** Its flags say how much it does; absent: as much as there is time for. */
  isBounded?: true;
}

/** As the table calls what is counted. */
export function operationOf({ name, counted }: CalibratedWorkload): string {
  return counted?.word === undefined ? name : `${name}-${counted.word}`;
}

/** Also what clients that are not ours ask for. */
export const RANGE_KEY = "calibrat";

/** As many keys as a run of etcd's published write table has, and then some. */
export const PUT_KEY_SPACE_SIZE = 1_000_000;

const SIZES = { "key-size": String(KEY_SIZE_BYTES), "val-size": String(VAL_SIZE_BYTES) };
/** They are put before the clock starts, over the dearer client too. */
const FILLED = { ...SIZES, "key-space-size": "1000" };
/** As fast as answers come, where the command's own default is a rate. */
const CLOSED_LOOP = { rate: "0" };

/** Few enough clients at each node that none of its requests meets another's by chance. */
const CLIENTS_PER_NODE = 4;
const LEAST_NODES = 50;
/**
 * Of workloads of many parts, which have to be many on a busy machine too: about what an idle one
 * does in a second, of the slower transport the same but less.
 */
const KUBERNETES_PER_SEC = { wire: 10_000, "grpc-js": 3_000 } as const;
const SMALL_KUBERNETES_PER_SEC = { wire: 20_000, "grpc-js": 4_000 } as const;
const CATCHING_UP_PER_SEC = { wire: 80_000, "grpc-js": 8_000 } as const;
const WATCHERS_PER_GET = 5;

function amount(
  perSec: Readonly<Record<CalibratedTransport, number>>,
  { transport, durationMs }: Calibrated,
): number {
  return Math.ceil((perSec[transport] * (durationMs ?? 1_000)) / 1_000);
}

export const PUT_WORKLOAD: CalibratedWorkload = {
  name: "put",
  command: "put",
  flags: { ...SIZES, "key-space-size": String(PUT_KEY_SPACE_SIZE), "sequential-keys": true },
  repeats: "put",
};

const RANGE_WORKLOAD: CalibratedWorkload = {
  name: "range",
  command: "range",
  key: RANGE_KEY,
  flags: { consistency: "s" },
  repeats: "range",
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
  { name: "ycsb-e", command: "mixed", flags: { ...FILLED, mix: "ycsb-e" }, keeps: true },
  { name: "ycsb-f", command: "mixed", flags: { ...FILLED, mix: "ycsb-f" }, keeps: true },
  {
    name: "compact",
    command: "compact",
    flags: { ...FILLED, ...CLOSED_LOOP, "compact-interval": "100ms" },
  },
  {
    name: "defrag",
    command: "defrag",
    flags: { ...FILLED, ...CLOSED_LOOP, "defrag-at": "100ms,200ms" },
  },
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
  {
    name: "watch-latency",
    command: "watch-latency",
    flags: { "put-rate": "0", "val-size": "256" },
    counted: { series: "watch-delivery", word: "event" },
  },
  {
    name: "watch-get",
    command: "watch-get",
    // The gets are over before the watchers have caught up, so their number is the same in each run.
    flags: (calibrated) => {
      const watchers = amount(CATCHING_UP_PER_SEC, calibrated);
      const gets = Math.ceil(watchers / WATCHERS_PER_GET);
      return { watchers: String(watchers), streams: "100", total: String(gets) };
    },
    counted: { series: "watch-catch-up", word: "event" },
    keeps: true,
    isBounded: true,
  },
  {
    // It takes a rate in any case; far more than this a busy machine does not reach over grpc-js.
    name: "availability",
    command: "availability",
    flags: {
      rate: "5000",
      workload: "put,range-serializable",
      "val-size": String(VAL_SIZE_BYTES),
    },
    keeps: true,
  },
  { name: "staleness", command: "staleness", flags: { ...SIZES, ...CLOSED_LOOP } },
  {
    // With pods of the command's own size: most of it is moving their octets.
    name: "kubernetes",
    command: "kubernetes",
    flags: (calibrated) => kubernetesFlags(calibrated, KUBERNETES_PER_SEC),
    counted: { series: "kubernetes" },
    keeps: true,
    isBounded: true,
  },
  {
    name: "kubernetes-small",
    command: "kubernetes",
    flags: (calibrated) => ({
      ...kubernetesFlags(calibrated, SMALL_KUBERNETES_PER_SEC),
      "pod-size": String(VAL_SIZE_BYTES),
    }),
    counted: { series: "kubernetes" },
    keeps: true,
    isBounded: true,
  },
];

function kubernetesFlags(
  calibrated: Calibrated,
  perSec: Readonly<Record<CalibratedTransport, number>>,
): GivenFlags {
  const nodes = Math.max(LEAST_NODES, Math.ceil(calibrated.clients / CLIENTS_PER_NODE));
  return { ...CLOSED_LOOP, nodes: String(nodes), total: String(amount(perSec, calibrated)) };
}

/** `all` or names. @throws BenchError (usage) that names one that is unknown. */
export function parseWorkloads(text: string): readonly CalibratedWorkload[] {
  if (text === "all") return CALIBRATED_WORKLOADS;
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  return names.map((name) => {
    const found = CALIBRATED_WORKLOADS.find((each) => each.name === name);
    if (found !== undefined) return found;
    throw usageError(
      `--workloads: ${JSON.stringify(name)} is neither all nor one of ` +
        CALIBRATED_WORKLOADS.map((each) => each.name).join(", "),
    );
  });
}
