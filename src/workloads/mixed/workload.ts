/** `bench mixed`: several operations over one key space, drawn by weight. */

import { flagError } from "../../errors.ts";
import type { Read } from "../../flags/flag.ts";
import { count, like } from "../../flags/vocabulary.ts";
import { assertKeysFit } from "../../plan/key-capacity.ts";
import type { KeySpace } from "../../plan/key-space.ts";
import { joinedKeyText } from "../../plan/key-text.ts";
import type { PlanContext } from "../../plan/plannable.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { valSizeOf, valuesOf } from "../../plan/values.ts";
import { formatNoun } from "../../text/noun.ts";
import type { CalibratedLoad } from "../calibrated-load.ts";
import { defineWorkload } from "../definition.ts";
import { filled } from "../parts/calibration.ts";
import { ONE_CONSISTENCY } from "../parts/flags/consistency.ts";
import {
  KEY_SPACE_SIZE,
  keySpaceFlagsOf,
  keySpaceOf,
  ORDERED_KEY_SPACE_FLAGS,
  POPULARITY,
} from "../parts/flags/key-space.ts";
import { LEASE_FLAGS, leaseKeySizeBytes } from "../parts/flags/leases.ts";
import { MIX } from "../parts/flags/mix.ts";
import { checkTxnOps, TXN_OPS } from "../parts/flags/txn-ops.ts";
import { sizesOf } from "../parts/keys/sizes.ts";
import { MIX_SETTING, TXN_OPS_SETTING } from "../parts/settings.ts";
import { describeOrder, describeSizes } from "../parts/words.ts";
import type { MixedOperation } from "./operations.ts";
import { type MixedWorkload, mixedSchema } from "./schema.ts";

const workload = { group: "Workload:" } as const;

/** As YCSB's recordcount. */
const DEFAULT_KEYS = 1_000;
const MAX_SCAN_LENGTH = 1_000_000;
/** Inserts of a run that time alone ends: more than one of days makes. */
const UNBOUNDED_INSERTS = 2 ** 31;
/** The keys on leases are apart from the key space. */
const LEASE_PREFIX = "bench-lease/";

export const MIXED_FLAGS = {
  ...ORDERED_KEY_SPACE_FLAGS,
  mix: MIX,
  keySpaceSize: like(KEY_SPACE_SIZE, {
    shownDefault: "1000",
    describe: "number of distinct keys; each is put once before the clock starts",
  }),
  popularity: like(POPULARITY, { shownDefault: "uniform, or that of the named mix" }),
  scanLength: count({
    ...workload,
    name: "scan-length",
    default: "100",
    max: MAX_SCAN_LENGTH,
    describe: "maximum number of keys of a scan; scans have 1 to this many, uniform",
  }),
  consistency: ONE_CONSISTENCY,
  txnOps: TXN_OPS,
  ttlSeconds: like(LEASE_FLAGS.ttlSeconds, {
    describe: "time to live of the leases of lease-grant",
  }),
  keysPerLease: like(LEASE_FLAGS.keysPerLease, {
    describe: "number of keys put with each lease of lease-grant",
  }),
};

/** Whose requests are a put or a transaction of puts each. */
const WRITE_SERIES: readonly string[] = [
  "mixed-put",
  "mixed-insert",
  "mixed-rmw-put",
  "mixed-txn-put",
  "mixed-lease-grant-put",
];

/** Flags that only some operations read. */
const FLAGS_OF_OPERATIONS: readonly (readonly [
  keyof typeof MIXED_FLAGS,
  words: string,
  readonly MixedOperation[],
])[] = [
  ["consistency", "range, scan or rmw", ["range", "scan", "rmw"]],
  ["txnOps", "txn-put", ["txn-put"]],
  ["scanLength", "scan", ["scan"]],
  ["ttlSeconds", "lease-grant", ["lease-grant"]],
  ["keysPerLease", "lease-grant", ["lease-grant"]],
];

export const mixed = defineWorkload({
  name: "mixed",
  summary:
    "Measure operations of one key space mixed by --mix: puts, reads, scans, transactions; YCSB's A to F",
  examples: [
    [
      "mixed --local --mix=put=20,range=70,delete=10 --clients=10",
      "of ten operations two puts, seven reads of a key, one delete, in random order",
    ],
    ["mixed --local --total=2000 --prefix=p/ --cleanup", "deletes all its keys afterwards"],
    [
      "mixed --local --mix=ycsb-d --clients=10 --val-size=1KiB",
      "YCSB's D over 1,000 keys: 19 reads of recent keys for each insert",
    ],
    [
      "mixed --local --mix=ycsb-e --scan-length=50 --total=2000 --clients=10",
      "scans of up to 50 keys, and an insert for 19 of them",
    ],
    [
      "mixed --local --mix=txn-put=1,range=3 --txn-ops=4 --rate=500 --total=500",
      "three reads for each transaction of four puts, 500 operations a second",
    ],
  ],
  flags: MIXED_FLAGS,
  schema: mixedSchema,
  calibrated: [
    { flags: (calibration) => ({ ...filled(calibration), mix: "put=20,range=70,delete=10" }) },
    ...["ycsb-e", "ycsb-f"].map((mix): CalibratedLoad => {
      return { name: mix, flags: (calibration) => ({ ...filled(calibration), mix }), keeps: true };
    }),
  ],
  writes: true,
  isWarmed: true,
  plan: mixedPlan,
  settings: [MIX_SETTING, TXN_OPS_SETTING],
  makesRevision: (series) => WRITE_SERIES.includes(series),
  describe(plan) {
    const { keys } = plan;
    const sizes = describeSizes(keys.keySizeBytes, plan);
    const number = formatNoun(keys.keySpaceSize, "key");
    return `mixed ${describeMix(plan)} over ${number}, ${sizes}${describeOrder(keys)}`;
  },
  plannedWrites(plan, requests) {
    const { keys, mix, leaseGrant, txnOps } = plan;
    const all = mix.reduce((sum, { weight }) => sum + weight, 0);
    const share = (wanted: MixedOperation) =>
      (mix.find(({ operation }) => operation === wanted)?.weight ?? 0) / all;
    // A lease's keys are put, and go with it.
    const leased = share("lease-grant") * (leaseGrant?.keysPerLease ?? 0);
    const alone = share("put") + share("insert") + share("rmw");
    const putsEach = alone + share("txn-put") * txnOps + leased;
    return {
      ...sizesOf(plan),
      // First each key is put once.
      puts: keys.keySpaceSize + Math.ceil(requests * putsEach),
      deletes: Math.ceil(requests * (share("delete") + leased)),
      loweredBy: ["key-space-size"],
    };
  },
  preparation: () => import("./prepare.ts"),
  commandLine(plan) {
    const { keys, mix, consistency, txnOps, scanLength, leaseGrant } = plan;
    return {
      flags: {
        ...keySpaceFlagsOf(keys),
        valSize: valSizeOf(plan),
        mix: { mix, popularity: null },
        consistency,
        txnOps,
        scanLength,
        ...(leaseGrant === null
          ? {}
          : { ttlSeconds: leaseGrant.ttlSeconds, keysPerLease: leaseGrant.keysPerLease }),
      },
    };
  },
});

export function mixedPlan(
  flags: Read<typeof MIXED_FLAGS>,
  { given, limits, load, note }: PlanContext,
): MixedWorkload {
  const { mix, popularity } = flags.mix;
  const has = (operation: MixedOperation) => mix.some((each) => each.operation === operation);
  for (const [key, words, operations] of FLAGS_OF_OPERATIONS) {
    const { name } = MIXED_FLAGS[key];
    if (given[name] !== undefined && !operations.some(has)) {
      note(`--${name} has no effect: --mix has no ${words}`);
    }
  }
  const drawn = { ...flags, popularity: flags.popularity ?? popularity };
  const keys = keySpaceOf(drawn, false, DEFAULT_KEYS);
  if (has("insert")) {
    assertInsertsFit(keys, limits, load);
    if (keys.popularity === "latest" && load.workers > 1) {
      note(
        "--popularity=latest reads what was inserted last, and each worker knows its own inserts " +
          `alone: with --workers=${load.workers} those of the others are never read`,
      );
    }
  }
  const txnOps = has("txn-put") ? flags.txnOps : 1;
  checkTxnOps(txnOps, keys.keySpaceSize, note);
  return {
    kind: "mixed",
    keys,
    ...valuesOf(flags.valSize, { keySizeBytes: keys.keySizeBytes, puts: txnOps }, note),
    mix,
    consistency: flags.consistency,
    txnOps,
    scanLength: scanLengthOf(flags.scanLength, keys),
    leaseGrant: has("lease-grant") ? leasesOf(flags, keys) : null,
  };
}

function leasesOf(
  { ttlSeconds, keysPerLease, valSize }: Read<typeof MIXED_FLAGS>,
  keys: KeySpace,
): MixedWorkload["leaseGrant"] {
  const prefix = joinedKeyText(keys.prefix, LEASE_PREFIX);
  // What there is to note of the values was noted of the key space's.
  const values = valuesOf(valSize, { keySizeBytes: leaseKeySizeBytes(prefix) }, () => {});
  return { kind: "lease-grant", ttlSeconds, keysPerLease, ...values, prefix, expire: false };
}

/** Inserted keys come after the key space, whatever part of the run they turn out to be. */
function assertInsertsFit(
  keys: KeySpace,
  { totalRequests, warmupRequests, warmupMs }: RunPlan["limits"],
  { clients }: RunPlan["load"],
): void {
  const isBounded = totalRequests !== null && warmupMs === null;
  const inserts = isBounded
    ? totalRequests + (warmupRequests ?? 0) + 2 * clients
    : UNBOUNDED_INSERTS;
  const keySpaceSize = Math.min(Number.MAX_SAFE_INTEGER, keys.keySpaceSize + inserts);
  assertKeysFit({ ...keys, keySpaceSize }, "--key-space-size and the inserts that may come to it");
}

function scanLengthOf(scanLength: number, { keySpaceSize }: KeySpace): number {
  const most = Number.MAX_SAFE_INTEGER - UNBOUNDED_INSERTS * scanLength;
  if (keySpaceSize * scanLength <= most) return scanLength;
  throw flagError(
    "scan-length",
    `--scan-length=${scanLength} times --key-space-size=${keySpaceSize} is beyond what is counted ` +
      "here: lower one of them",
  );
}

/** `put 20 : range linearizable 70 : txn-put of 4 puts 10`. */
function describeMix(plan: MixedWorkload): string {
  const parts = plan.mix.map(({ operation, weight }) => {
    return `${describeOperation(operation, plan)} ${weight}`;
  });
  return parts.join(" : ");
}

function describeOperation(
  operation: MixedOperation,
  { consistency, txnOps, scanLength, leaseGrant }: MixedWorkload,
): string {
  switch (operation) {
    case "range":
    case "rmw":
      return `${operation} ${consistency}`;
    case "scan":
      return `scan ${consistency} of up to ${formatNoun(scanLength, "key")}`;
    case "txn-put":
      return `txn-put of ${formatNoun(txnOps, "put")}`;
    case "lease-grant":
      return `lease-grant with ${formatNoun(leaseGrant?.keysPerLease ?? 0, "key")}`;
    default:
      return operation;
  }
}
