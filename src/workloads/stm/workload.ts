/** `bench stm`: software transactions, which begin again on a conflict. */

import { flagError } from "../../errors.ts";
import { VAL_SIZE } from "../../flags/val-size.ts";
import { choice, count, like } from "../../flags/vocabulary.ts";
import { valSizeOf, valuesOf } from "../../plan/values.ts";
import { formatNoun } from "../../text/noun.ts";
import { defineWorkload } from "../definition.ts";
import { CLEANUP, namePrefix } from "../parts/flags/key-space.ts";
import { describeValues } from "../parts/words.ts";
import { STM_COUNTER_BYTES, STM_INDEX_BYTES } from "./layout.ts";
import { type StmWorkload, stmSchema } from "./schema.ts";

const workload = { group: "Workload:" } as const;

const MAX_KEYS = 2 ** 32;
const MAX_KEYS_PER_TXN = 10_000;

const LETTER_BY_ISOLATION = {
  "read-committed": "c",
  "repeatable-reads": "r",
  serializable: "s",
  "serializable-snapshot": "ss",
} as const;
const ISOLATION = choice(
  {
    ...workload,
    name: "isolation",
    default: "r",
    describe: "c|r|s|ss: read committed, repeatable reads, serializable, serializable snapshot",
  },
  ["c", "r", "s", "ss"],
);
const ISOLATION_BY_LETTER = {
  c: "read-committed",
  r: "repeatable-reads",
  s: "serializable",
  ss: "serializable-snapshot",
} as const;

const CALIBRATED_KEYS = { keys: "1000", "val-size": "256" };

export const stm = defineWorkload({
  name: "stm",
  summary: "Measure software transactions with retries, or under a lock",
  examples: [
    ["stm --local --total=2000 --clients=10 --keys=4", "10 clients contend for 4 keys"],
    ["stm --local --total=100 --clients=5 --stm-locker=lock-client", "transactions under one lock"],
  ],
  flags: {
    isolation: ISOLATION,
    keySpaceSize: count({
      ...workload,
      name: "keys",
      default: "1",
      max: MAX_KEYS,
      describe: "number of distinct keys that clients contend for",
    }),
    keysPerTxn: count({
      ...workload,
      name: "keys-per-txn",
      default: "1",
      max: MAX_KEYS_PER_TXN,
      describe: "number of distinct keys that a transaction reads",
    }),
    writePercent: count({
      ...workload,
      name: "txn-wr-percent",
      default: "50",
      min: 0,
      max: 100,
      describe:
        "percentage of these keys that is also written; a fraction of a key is a probability",
    }),
    locker: choice(
      {
        ...workload,
        name: "stm-locker",
        default: "stm",
        describe: "stm|lock-client|lock-rpc: no lock, etcd's mutex recipe, or its lock service",
      },
      ["stm", "lock-client", "lock-rpc"],
    ),
    valSize: like(VAL_SIZE, { describe: `${VAL_SIZE.describe}; the first 6 count its writes` }),
    prefix: namePrefix("stm", "bench-stm/", "prepend TEXT to every key"),
    cleanup: CLEANUP,
  },
  schema: stmSchema,
  calibrated: [
    { flags: () => CALIBRATED_KEYS },
    { name: "stm-lock-rpc", flags: () => ({ ...CALIBRATED_KEYS, "stm-locker": "lock-rpc" }) },
  ],
  writes: true,
  isWarmed: true,
  plan(flags, { note }): StmWorkload {
    const { keySpaceSize, keysPerTxn, writePercent, locker, prefix } = flags;
    if (keysPerTxn > keySpaceSize) {
      throw flagError(
        "keys-per-txn",
        `--keys-per-txn=${keysPerTxn} is more than --keys=${keySpaceSize}: give --keys=${keysPerTxn} or more`,
      );
    }
    const keySizeBytes = Buffer.byteLength(prefix) + STM_INDEX_BYTES;
    const least = { bytes: STM_COUNTER_BYTES, why: "count a key's writes" };
    return {
      kind: "stm",
      isolation: ISOLATION_BY_LETTER[flags.isolation],
      keySpaceSize,
      keysPerTxn,
      writePercent,
      locker,
      ...valuesOf(flags.valSize, { keySizeBytes, puts: keysPerTxn, least }, note),
      prefix,
    };
  },
  describe(plan) {
    const { isolation, keySpaceSize, keysPerTxn, writePercent, locker } = plan;
    const keys = `${keysPerTxn} of ${formatNoun(keySpaceSize, "key")}, ${writePercent}% written`;
    const lock = locker === "stm" ? "" : `, under ${locker}`;
    return `stm ${isolation}, ${keys}, ${describeValues(plan)}${lock}`;
  },
  plannedWrites({ prefix, keysPerTxn, writePercent, locker, valSizeBytes, valueSize }, requests) {
    // Conflicts write nothing; a lock's keys are small, and as many as the operations.
    const keySizeBytes = Buffer.byteLength(prefix) + STM_INDEX_BYTES;
    const puts = Math.ceil((requests * keysPerTxn * writePercent) / 100);
    const locks = locker === "stm" ? 0 : requests;
    // A lock puts a key without a value and deletes it: two revisions without one.
    return { keySizeBytes, valSizeBytes, valueSize, puts, deletes: 2 * locks };
  },
  setUpLeases: ({ locker }, clients) => (locker === "stm" ? 0 : clients),
  preparation: () => import("./prepare.ts"),
  commandLine: (plan) => ({
    flags: {
      isolation: LETTER_BY_ISOLATION[plan.isolation],
      keySpaceSize: plan.keySpaceSize,
      keysPerTxn: plan.keysPerTxn,
      writePercent: plan.writePercent,
      locker: plan.locker,
      valSize: valSizeOf(plan),
      prefix: plan.prefix,
    },
  }),
});
