/** Owns what a report says of a workload over a key space. */

import type {
  DeleteWorkload,
  KeySpace,
  MixedOperation,
  MixedWorkload,
  PutWorkload,
  TxnMixedWorkload,
  TxnPutWorkload,
} from "../../plan/schema.ts";
import type { Values } from "../../plan/value-size.ts";
import { formatCount } from "../../tables/number-format.ts";
import { formatNoun } from "../../text/noun.ts";

type KeySpaceWorkload =
  | DeleteWorkload
  | MixedWorkload
  | PutWorkload
  | TxnPutWorkload
  | TxnMixedWorkload;

export function describeKeySpaceWorkload(workload: KeySpaceWorkload): string {
  return `${describeOperations(workload)}${describeOrder(workload.keys)}`;
}

/** Only of keys that are not drawn evenly. */
export function describeOrder({ sequential, popularity }: KeySpace): string {
  return sequential || popularity === "uniform" ? "" : `, ${popularity} keys`;
}

function describeOperations(workload: KeySpaceWorkload): string {
  const sizes = describeSizes(workload.keys.keySizeBytes, workload);
  switch (workload.kind) {
    case "put":
      return `put, ${sizes}`;
    case "txn-put":
      return `txn-put of ${formatNoun(workload.txnOps, "put")}, ${sizes}`;
    case "delete":
      return `delete of ${formatNoun(workload.keys.keySpaceSize, "key")}, ${sizes}`;
    case "mixed": {
      const keys = formatNoun(workload.keys.keySpaceSize, "key");
      return `mixed ${describeMix(workload)} over ${keys}, ${sizes}`;
    }
    case "txn-mixed":
      return `txn-mixed ${workload.consistency}, ${describeReads(workload)}, ${sizes}`;
  }
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

function describeReads({ rwRatio, key, end, limit }: TxnMixedWorkload): string {
  const from = key === null ? "the key space" : key === "" ? "all keys" : JSON.stringify(key);
  const to = end === null ? "" : ` to ${JSON.stringify(end)}`;
  const keys = limit === null ? "" : `, at most ${formatNoun(limit, "key")}`;
  return `${formatNoun(rwRatio, "range")} (${from}${to}${keys}) per put`;
}

/** Exact, since two runs compare only where these are the same. */
export function describeSizes(keySizeBytes: number, values: Values): string {
  return `key ${formatCount(keySizeBytes)} B, ${describeValues(values)}`;
}

/** `value 256 B`, `value 1,024 to 65,536 B`, `value lognormal, median 4,096 B, sigma 1.5, at most 9,000 B`. */
export function describeValues({ valSizeBytes, valueSize }: Values): string {
  const mean = `mean ${formatCount(valSizeBytes)} B`;
  switch (valueSize?.kind) {
    case undefined:
      return `value ${formatCount(valSizeBytes)} B`;
    case "uniform": {
      const { minBytes, maxBytes } = valueSize;
      return `value ${formatCount(minBytes)} to ${formatCount(maxBytes)} B (${mean})`;
    }
    case "lognormal": {
      const { medianBytes, sigma, maxBytes } = valueSize;
      const shape = `median ${formatCount(medianBytes)} B, sigma ${sigma}`;
      return `value lognormal (${shape}, at most ${formatCount(maxBytes)} B, ${mean})`;
    }
  }
}
