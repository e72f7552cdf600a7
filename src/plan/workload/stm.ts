/** Reads the flags of the stm workload into its part of the plan. */
import { usageError } from "../../errors.ts";
import { choiceOf, countOf, type PlanFlags } from "../plan-flags.ts";
import { STM_COUNTER_BYTES, STM_INDEX_BYTES } from "../value-layout.ts";
import { valuesOf } from "../values.ts";
import type { StmWorkload } from "./stm-schema.ts";

const MAX_KEYS = 2 ** 32;
const MAX_KEYS_PER_TXN = 10_000;
const DEFAULT_PREFIX = "bench-stm/";

const ISOLATIONS = {
  c: "read-committed",
  r: "repeatable-reads",
  s: "serializable",
  ss: "serializable-snapshot",
} as const;

export function stmFromFlags(flags: PlanFlags, note: (line: string) => void): StmWorkload {
  const keySpaceSize = countOf(flags, "keys", MAX_KEYS);
  const keysPerTxn = countOf(flags, "keys-per-txn", MAX_KEYS_PER_TXN);
  if (keysPerTxn > keySpaceSize) {
    throw usageError(
      `--keys-per-txn=${keysPerTxn} is more than --keys=${keySpaceSize}: give --keys=${keysPerTxn} or more`,
    );
  }
  const prefix = typeof flags.prefix === "string" ? flags.prefix : DEFAULT_PREFIX;
  const keySizeBytes = Buffer.byteLength(prefix) + STM_INDEX_BYTES;
  const least = { bytes: STM_COUNTER_BYTES, why: "count a key's writes" };
  return {
    kind: "stm",
    isolation: ISOLATIONS[choiceOf(flags, "isolation", ["c", "r", "s", "ss"])],
    keySpaceSize,
    keysPerTxn,
    writePercent: countOf(flags, "txn-wr-percent", 100, 0),
    locker: choiceOf(flags, "stm-locker", ["stm", "lock-client", "lock-rpc"]),
    ...valuesOf(flags, { keySizeBytes, puts: keysPerTxn, least }, note),
    prefix,
  };
}
