/** The flags of `bench ab` itself, without those of the workload. */
import { AGENT_FLAGS } from "../../flags/agents.ts";
import { LABEL, NO_PROGRESS, QUIET, SAVE } from "../../flags/output.ts";
import { PAIR_FLAGS } from "../../flags/pairs.ts";
import { STREAM_FLAGS } from "../../flags/stream.ts";
import { like } from "../../flags/vocabulary.ts";
import { outputFlag } from "../output/output-flag.ts";
import { COMPARE_FLAGS } from "../saved/compare-flags.ts";

export const AB_FLAGS = {
  ...PAIR_FLAGS,
  ...AGENT_FLAGS,
  ...COMPARE_FLAGS,
  output: outputFlag("comparison", { streams: true }),
  ...STREAM_FLAGS,
  save: like(SAVE, {
    describe: "=DIR: save the session in DIR (default: results/ab-ID)",
  }),
  labels: LABEL,
  quiet: QUIET,
  noProgress: NO_PROGRESS,
};
