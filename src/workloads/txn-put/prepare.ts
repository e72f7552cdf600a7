/** Prepares `bench txn-put`: nothing is needed before its load. */
import { operation } from "../../load/load.ts";
import { writtenOnly } from "../parts/keys/keys-to-check.ts";
import type { Preparation } from "../preparation.ts";
import type { TxnPutSpec } from "./load.ts";
import type { TxnPutWorkload } from "./schema.ts";

export const preparation: Preparation<TxnPutWorkload> = {
  series: () => ["txn-put"],
  prepare: (txnPut) => ({
    operations: [operation<TxnPutSpec>({ series: ["txn-put"], kind: "txn-put", txnPut })],
  }),
  keysToCheck: writtenOnly,
};
