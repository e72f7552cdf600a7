/** The flags of `bench trend`. */
import { GATE_FLAGS } from "../../flags/comparison.ts";
import { LOAD_FLAGS } from "../../flags/load.ts";
import { NO_COLOR } from "../../flags/output.ts";
import { like } from "../../flags/vocabulary.ts";
import { outputFlag } from "../output/output-flag.ts";

export const TREND_FLAGS = {
  ...GATE_FLAGS,
  noColor: NO_COLOR,
  seed: {
    ...like(LOAD_FLAGS.seed, {
      describe: "seed of the permutation tests: the same seed finds the same changes",
    }),
    group: "Output:" as const,
  },
  output: outputFlag("trend"),
};
