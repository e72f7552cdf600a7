/** The flags of `bench quickstart`. */
import { DRY_RUN, NO_PROGRESS, PRINT_FLAGS, SAVE } from "../../flags/output.ts";
import { ETCD } from "../../flags/target.ts";
import { outputFlag } from "../output/output-flag.ts";

export const QUICKSTART_FLAGS = {
  etcd: ETCD,
  ...PRINT_FLAGS,
  output: outputFlag("results"),
  save: SAVE,
  noProgress: NO_PROGRESS,
  isDryRun: DRY_RUN,
};
