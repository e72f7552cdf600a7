/** The flags of `bench soak` itself, without those of the load. */
import { AGENT_FLAGS } from "../../flags/agents.ts";
import { DRY_RUN, LABEL, NO_COLOR, NO_PROGRESS, QUIET, SAVE } from "../../flags/output.ts";
import { SOAK_RESUME, SOAK_TIME_FLAGS } from "../../flags/soak.ts";
import { STREAM_FLAGS } from "../../flags/stream.ts";
import { like } from "../../flags/vocabulary.ts";
import { outputFlag } from "../output/output-flag.ts";

export const SOAK_FLAGS = {
  ...SOAK_TIME_FLAGS,
  ...AGENT_FLAGS,
  resume: SOAK_RESUME,
  isDryRun: DRY_RUN,
  output: outputFlag("soak", { streams: true }),
  save: like(SAVE, { describe: "=DIR: the folder of the rows; by default results/soak-ID" }),
  labels: LABEL,
  ...STREAM_FLAGS,
  quiet: QUIET,
  noColor: NO_COLOR,
  noProgress: NO_PROGRESS,
};
