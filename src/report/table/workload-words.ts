/** Owns what a report says of a workload over a key space. */
import type { PutWorkload, TxnPutWorkload } from "../../plan/schema.ts";
import { formatCount, formatNoun } from "../number-format.ts";

type KeySpaceWorkload = PutWorkload | TxnPutWorkload;

export function describeKeySpaceWorkload(workload: KeySpaceWorkload): string {
  const sizes = describeSizes(workload.keys.keySizeBytes, workload.valSizeBytes);
  switch (workload.kind) {
    case "put":
      return `put, ${sizes}`;
    case "txn-put":
      return `txn-put of ${formatNoun(workload.txnOps, "put")}, ${sizes}`;
  }
}

/** Exact, since two runs compare only where these are the same. */
export function describeSizes(keySizeBytes: number, valSizeBytes: number): string {
  return `key ${formatCount(keySizeBytes)} B, value ${formatCount(valSizeBytes)} B`;
}
