/** The flags of `bench failover` itself, without those of what each trial measures. */

import { FAILOVER_METRICS, parseFailoverLimit } from "../../failover/thresholds.ts";
import { AGENT_FLAGS } from "../../flags/agents.ts";
import { TRIAL_FLAGS, TRIALS_RESUME } from "../../flags/failover.ts";
import type { Flag } from "../../flags/flag.ts";
import { DRY_RUN, LABEL, NO_COLOR, NO_PROGRESS, QUIET, SAVE } from "../../flags/output.ts";
import { STREAM_FLAGS } from "../../flags/stream.ts";
import { like, repeated } from "../../flags/vocabulary.ts";
import { availability } from "../../workloads/availability/workload.ts";
import { outputFlag } from "../output/output-flag.ts";

export const FAILOVER_FLAGS = {
  ...TRIAL_FLAGS,
  ...AGENT_FLAGS,
  isDryRun: DRY_RUN,
  thresholds: repeated(
    {
      group: "Output:",
      name: "threshold",
      sectionOnly: true,
      describe: `'unavailable<3s', 'put:full-rate<5s', 'put@faulted:unavailable<9s' or 'lost-writes==0': the worst trial must hold it; of ${FAILOVER_METRICS.join(", ")}`,
    },
    { parse: parseFailoverLimit, format: ({ expression }) => expression },
  ),
  output: outputFlag("failover", { streams: true }),
  save: like(SAVE, {
    describe: "=DIR: the folder of the trials' results; by default results/failover-ID",
  }),
  resume: TRIALS_RESUME,
  labels: LABEL,
  ...STREAM_FLAGS,
  quiet: QUIET,
  noColor: NO_COLOR,
  noProgress: NO_PROGRESS,
};

/** Of one run, and not of its trials: how long it is, and what becomes of its result. */
const NOT_OF_A_TRIAL =
  /^(find-.*|threshold|total|duration|precise|sample|members|event|defrag-.*|compact-.*|strict|max-error-rate|check-hashkv|output|quiet|no-color|save|label|no-progress|report-perfdash|pprof|clients|workers|conns|transport)$/;

const ownNames = new Set(Object.values(FAILOVER_FLAGS).map(({ name }) => name as string));

/** Flags of `bench availability` that every trial takes as they are. */
export const SHARED_FLAGS: readonly Flag[] = availability.flags.filter(
  ({ name }) => !NOT_OF_A_TRIAL.test(name) && !ownNames.has(name),
);
