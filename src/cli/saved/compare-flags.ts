/** The flags of `bench compare`. */
import { COMPARISON_FLAGS } from "../../flags/comparison.ts";
import { outputFlag } from "../output/output-flag.ts";

export const COMPARE_FLAGS = { ...COMPARISON_FLAGS, output: outputFlag("comparison") };
