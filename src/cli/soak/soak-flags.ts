/** The flags of `bench soak` itself, without those of the load. */
import { DRY_RUN, LABEL, NO_COLOR, NO_PROGRESS, OUTPUT, QUIET, SAVE } from "../../flags/output.ts";
import { SOAK_RESUME, SOAK_TIME_FLAGS } from "../../flags/soak.ts";
import { STREAM_FLAGS } from "../../flags/stream.ts";
import { like } from "../../flags/vocabulary.ts";

export const SOAK_FLAGS = {
  ...SOAK_TIME_FLAGS,
  resume: SOAK_RESUME,
  isDryRun: DRY_RUN,
  output: like(OUTPUT, {
    describe:
      "FORMAT[=FILE]: table, markdown, html or json; to standard output without FILE; prometheus-rw=URL or otlp=URL: send the figures there each second",
  }),
  save: like(SAVE, { describe: "=DIR: the folder of the rows; by default results/soak-ID" }),
  labels: LABEL,
  ...STREAM_FLAGS,
  quiet: QUIET,
  noColor: NO_COLOR,
  noProgress: NO_PROGRESS,
};
