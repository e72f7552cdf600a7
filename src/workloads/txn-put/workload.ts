/** `bench txn-put`: transactions of puts. */

import { valSizeOf, valuesOf } from "../../plan/values.ts";
import { formatNoun } from "../../text/noun.ts";
import { defineWorkload } from "../definition.ts";
import { keySpaceFlagsOf, keySpaceOf, ORDERED_KEY_SPACE_FLAGS } from "../parts/flags/key-space.ts";
import { checkTxnOps, TXN_OPS } from "../parts/flags/txn-ops.ts";
import { sizesOf } from "../parts/keys/sizes.ts";
import { TXN_OPS_SETTING } from "../parts/settings.ts";
import { describeOrder, describeSizes } from "../parts/words.ts";
import { type TxnPutWorkload, txnPutSchema } from "./schema.ts";

export const txnPut = defineWorkload({
  name: "txn-put",
  summary: "Measure transactions of puts, under keys in order",
  examples: [
    ["txn-put --local --clients=10", "10,000 transactions of one put by ten clients"],
    [
      "txn-put --local --txn-ops=16 --key-space-size=10k --total=500 --clients=10",
      "500 transactions of 16 puts each over 10,000 keys",
    ],
  ],
  flags: { ...ORDERED_KEY_SPACE_FLAGS, txnOps: TXN_OPS },
  schema: txnPutSchema,
  calibrated: [{ flags: ({ sizes }) => ({ ...sizes, "key-space-size": "10000", "txn-ops": "4" }) }],
  writes: true,
  waitsForCommit: true,
  makesRevision: (series) => series === "txn-put",
  isWarmed: true,
  plan(flags, { note }): TxnPutWorkload {
    const { txnOps, keySizeBytes } = flags;
    const keys = keySpaceOf(flags, true);
    checkTxnOps(txnOps, keys.keySpaceSize, note);
    const values = valuesOf(flags.valSize, { keySizeBytes, puts: txnOps }, note);
    return { kind: "txn-put", keys, ...values, txnOps };
  },
  settings: [TXN_OPS_SETTING],
  describe(plan) {
    const sizes = describeSizes(plan.keys.keySizeBytes, plan);
    return `txn-put of ${formatNoun(plan.txnOps, "put")}, ${sizes}${describeOrder(plan.keys)}`;
  },
  plannedWrites: (plan, requests) => ({
    ...sizesOf(plan),
    puts: requests * plan.txnOps,
    deletes: 0,
  }),
  preparation: () => import("./prepare.ts"),
  commandLine(plan) {
    const { popularity: _, ...keys } = keySpaceFlagsOf(plan.keys);
    return { flags: { ...keys, valSize: valSizeOf(plan), txnOps: plan.txnOps } };
  },
});
