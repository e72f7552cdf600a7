/** `--txn-ops`: the puts of a transaction. */
import { flagError } from "../../../errors.ts";
import { count } from "../../../flags/vocabulary.ts";

/** etcd's default for --max-txn-ops. */
const ETCD_MAX_TXN_OPS = 128;
/** A template holds all puts of a transaction; beyond this it is a slip of the keyboard. */
const MAX_TXN_OPS = 100_000;

export const TXN_OPS = count({
  group: "Workload:",
  name: "txn-ops",
  default: "1",
  max: MAX_TXN_OPS,
  describe: "number of puts in a transaction; at most --key-space-size",
});

/** @throws BenchError (usage) where a transaction would put one key twice, which etcd refuses */
export function checkTxnOps(
  txnOps: number,
  keySpaceSize: number,
  note: (line: string) => void,
): void {
  if (txnOps > keySpaceSize) {
    throw flagError(
      "txn-ops",
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
}
