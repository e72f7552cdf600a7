/** Prepares `bench delete`: its keys are put first. */
import { operation } from "../../load/load.ts";
import { fill } from "../parts/keys/fill.ts";
import { writtenOnly } from "../parts/keys/keys-to-check.ts";
import type { Preparation } from "../preparation.ts";
import type { DeleteSpec } from "./load.ts";
import type { DeleteWorkload } from "./schema.ts";

export const preparation: Preparation<DeleteWorkload> = {
  series: () => ["delete"],
  prepare: (workload) => ({
    operations: [
      fill(workload, "after-warmup"),
      operation<DeleteSpec>({ series: ["delete"], kind: "delete", keys: workload.keys }),
    ],
  }),
  keysToCheck: writtenOnly,
  // They are deleted in order, each by one request.
  deletesAll: ({ keys }, succeeded) => succeeded >= keys.keySpaceSize,
};
