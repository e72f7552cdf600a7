/** The flags that say what is printed, kept and judged. */
import { formatLabel, parseLabel } from "./labels.ts";
import { formatProfiles, parseProfiles } from "./profiles.ts";
import { STREAM_FLAGS } from "./stream.ts";
import { parseThreshold } from "./threshold.ts";
import { choice, count, parsed, repeated, share, textOrBare, toggle } from "./vocabulary.ts";

const output = { group: "Output:" } as const;

export const OUTPUT = repeated<string>(
  {
    ...output,
    name: "output",
    short: "o",
    shownDefault: "table",
    // The formats are known to the commands.
    describe: "FORMAT[=FILE]; to standard output without FILE",
  },
  { parse: (_, given) => given, format: (given) => given },
);

export const QUIET = toggle({
  ...output,
  name: "quiet",
  describe: "print results and errors only",
});

export const NO_COLOR = toggle({
  ...output,
  name: "no-color",
  describe: "print no colour, as with $NO_COLOR; $FORCE_COLOR: colour without a terminal",
});

/** What every command that prints results takes. */
export const PRINT_FLAGS = {
  output: OUTPUT,
  precise: toggle({
    ...output,
    name: "precise",
    describe: "print the figures again below the table, with all digits",
  }),
  sample: toggle({
    ...output,
    name: "sample",
    describe: "print a row of CSV for each second below the table, as upstream's tool does",
  }),
  members: toggle({
    ...output,
    name: "members",
    describe: "print each member's memory, disk and traffic below the table",
  }),
  quiet: QUIET,
  noColor: NO_COLOR,
};

/** Of saved results where no other folder is named, in the working folder. */
export const RESULTS_FOLDER = "results";

export const SAVE = textOrBare(
  {
    ...output,
    name: "save",
    describe: "=DIR: save the whole result as a JSON file in DIR (default: results)",
  },
  RESULTS_FOLDER,
);

export const LABEL = repeated<readonly [string, string]>(
  {
    ...output,
    name: "label",
    describe: "KEY=VALUE to save with the result, e.g. commit=4f2a9c1; repeatable",
  },
  { isText: true, parse: parseLabel, format: formatLabel },
);

export const NO_PROGRESS = toggle({
  ...output,
  name: "no-progress",
  describe: "print no progress on standard error",
});

export const DRY_RUN = toggle({
  group: "Load:",
  name: "dry-run",
  describe: "print what would be measured and how long it takes, and measure nothing",
});

export const CHECK_HASHKV = toggle({
  ...output,
  name: "check-hashkv",
  describe: "after the run, compare the hash of all members' keys; exit code 1 if they differ",
});

/** Of the plan: what is judged, and what the run is called by. */
export const JUDGE_FLAGS = {
  maxErrorRate: share({
    ...output,
    name: "max-error-rate",
    default: "0",
    example: "1%",
    describe: "share of failed requests above which the exit code is 1, e.g. 1% or 0.01",
  }),
  thresholds: repeated(
    {
      ...output,
      name: "threshold",
      describe:
        "'p99<20ms' (or p50, mean, stddev, max, ...), 'qps>10000', 'errors<0.1%', of one series 'range:p99<20ms': exit code 1 where broken, 4 where what was measured cannot decide it",
    },
    { parse: parseThreshold, format: ({ expression }) => expression },
  ),
  strict: toggle({
    ...output,
    name: "strict",
    describe: "end with exit code 4 if the measurement is not valid",
  }),
  keepSlowest: count({
    ...output,
    name: "keep-slowest",
    default: "0",
    min: 0,
    max: 100,
    example: "20",
    describe:
      "print and save the slowest N requests of each series, with key, revision and what happened meanwhile",
  }),
  by: choice(
    {
      ...output,
      name: "by",
      describe:
        "=endpoint: print and save each endpoint's figures, too, for --threshold='put@HOST:PORT:p99<1s' or 'put@MEMBER:p99<1s'",
    },
    ["endpoint"],
  ),
  profiles: parsed(
    {
      ...output,
      name: "pprof",
      default: "",
      shownDefault: "",
      describe:
        "=cpu,heap: save etcd's profiles of the slowest two seconds, with the result or in results; needs etcd's --enable-pprof, which --local sets",
    },
    {
      kind: "optional",
      bareValue: "cpu,heap",
      choices: ["cpu", "heap", "cpu,heap"],
      parse: parseProfiles,
      format: formatProfiles,
    },
  ),
};

/** In the order of help. */
export const KEEP_FLAGS = {
  isDryRun: DRY_RUN,
  save: SAVE,
  labels: LABEL,
  reportPerfdash: toggle({
    ...output,
    name: "report-perfdash",
    describe: "write a perfdash file to $ARTIFACTS or _artifacts, with upstream's file name",
  }),
  ...JUDGE_FLAGS,
  ...STREAM_FLAGS,
  noProgress: NO_PROGRESS,
};
