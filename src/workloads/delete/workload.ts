/** `bench delete`: keys that the run has put before, deleted one by one. */

import { TOTAL } from "../../flags/load.ts";
import { like } from "../../flags/vocabulary.ts";
import { valSizeOf, valuesOf } from "../../plan/values.ts";
import { formatNoun } from "../../text/noun.ts";
import { defineWorkload } from "../definition.ts";
import { filled } from "../parts/calibration.ts";
import {
  KEY_SPACE_SIZE,
  keySpaceFlagsOf,
  keySpaceOf,
  ORDERED_KEY_SPACE_FLAGS,
} from "../parts/flags/key-space.ts";
import { sizesOf } from "../parts/keys/sizes.ts";
import { describeOrder, describeSizes } from "../parts/words.ts";
import { type DeleteWorkload, deleteSchema } from "./schema.ts";

export const deleteKeys = defineWorkload({
  name: "delete",
  summary: "Measure deletes of keys that are put before the clock starts",
  examples: [
    ["delete --local --clients=10", "puts 10,000 keys, and deletes each"],
    [
      "delete --local --total=3000 --key-space-size=1000 --clients=9",
      "of 3,000 deletes 1,000 find a key",
    ],
  ],
  flags: {
    ...ORDERED_KEY_SPACE_FLAGS,
    keySpaceSize: like(KEY_SPACE_SIZE, {
      describe: "number of keys to put before the clock starts and to delete in order",
      shownDefault: "as many as requests",
    }),
  },
  schema: deleteSchema,
  calibrated: [{ flags: filled }],
  writes: true,
  waitsForCommit: true,
  plan(flags, { limits: { totalRequests }, note }): DeleteWorkload {
    // Each delete finds a key; without a total as many as a run has by default.
    const keys = keySpaceOf(flags, true, totalRequests ?? Number(TOTAL.default));
    const { keySpaceSize } = keys;
    if (totalRequests === null) {
      note(
        `once ${keySpaceSize === 1 ? "the one key" : `all ${formatNoun(keySpaceSize, "key")}`} of --key-space-size ${keySpaceSize === 1 ? "is" : "are"} deleted, further deletes find nothing`,
      );
    } else if (totalRequests > keySpaceSize) {
      note(
        `--total=${totalRequests} is above --key-space-size=${keySpaceSize}: ` +
          `${formatNoun(totalRequests - keySpaceSize, "delete finds", "deletes find")} nothing`,
      );
    }
    return { kind: "delete", keys, ...valuesOf(flags.valSize, keys, note) };
  },
  describe(plan) {
    const { keys } = plan;
    const sizes = describeSizes(keys.keySizeBytes, plan);
    return `delete of ${formatNoun(keys.keySpaceSize, "key")}, ${sizes}${describeOrder(keys)}`;
  },
  plannedWrites(plan, requests) {
    // First each key is put once; a delete that finds none writes nothing.
    const { keySpaceSize } = plan.keys;
    const deletes = Math.min(requests, keySpaceSize);
    return { ...sizesOf(plan), puts: keySpaceSize, deletes, loweredBy: ["key-space-size"] };
  },
  preparation: () => import("./prepare.ts"),
  commandLine(plan) {
    const { popularity: _, ...keys } = keySpaceFlagsOf(plan.keys);
    return { flags: { ...keys, valSize: valSizeOf(plan) } };
  },
});
