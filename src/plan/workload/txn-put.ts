/** Owns the flags of txn-put, read into its workload. */
import { usageError } from "../../errors.ts";
import { countOf, type PlanFlags } from "../plan-flags.ts";
import type { TxnPutWorkload } from "../schema.ts";
import { valuesOf } from "../values.ts";
import { keySpaceOf } from "./key-space-flags.ts";

/** etcd's default for --max-txn-ops. */
const ETCD_MAX_TXN_OPS = 128;
/** A template holds all puts of a transaction; beyond this it is a slip of the keyboard. */
const MAX_TXN_OPS = 100_000;

export function txnPutFromFlags(flags: PlanFlags, note: (line: string) => void): TxnPutWorkload {
  const keys = keySpaceOf(flags, { sequential: true });
  const txnOps = txnOpsOf(flags, keys.keySpaceSize, note);
  const { keySizeBytes } = keys;
  const values = valuesOf(flags, { keySizeBytes, puts: txnOps }, note);
  return { kind: "txn-put", keys, ...values, txnOps };
}

/** A transaction must not put one key twice: etcd refuses that. */
export function txnOpsOf(
  flags: PlanFlags,
  keySpaceSize: number,
  note: (line: string) => void,
): number {
  const txnOps = countOf(flags, "txn-ops", MAX_TXN_OPS);
  if (txnOps > keySpaceSize) {
    throw usageError(
      `--txn-ops=${txnOps} is more than --key-space-size=${keySpaceSize}: a transaction would put ` +
        `one key twice, which etcd refuses; give --key-space-size=${txnOps} or more`,
    );
  }
  if (txnOps > ETCD_MAX_TXN_OPS) {
    note(
      `--txn-ops=${txnOps} is above etcd's default limit of ${ETCD_MAX_TXN_OPS} operations: ` +
        "it refuses the transactions unless it was started with a larger --max-txn-ops",
    );
  }
  return txnOps;
}
