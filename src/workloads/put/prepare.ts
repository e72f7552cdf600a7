/** Prepares `bench put`: nothing is needed before its load. */
import { operation } from "../../load/load.ts";
import { writtenOnly } from "../parts/keys/keys-to-check.ts";
import type { Preparation } from "../preparation.ts";
import type { PutSpec } from "./load.ts";
import type { PutWorkload } from "./schema.ts";

export const preparation: Preparation<PutWorkload> = {
  series: () => ["put"],
  prepare: (put) => ({ operations: [operation<PutSpec>({ series: ["put"], kind: "put", put })] }),
  keysToCheck: writtenOnly,
};
