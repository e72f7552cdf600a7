/** The flags that say what is printed, kept and judged. */
import { formatLabel, parseLabel } from "./labels.ts";
import { parseThreshold } from "./threshold.ts";
import { parsed, repeated, share, toggle } from "./vocabulary.ts";

const output = { group: "Output:" } as const;

export const OUTPUT = repeated<string>(
  {
    ...output,
    name: "output",
    short: "o",
    shownDefault: "table",
    describe:
      "FORMAT[=FILE]: table, summary, markdown, html, json, csv, sample, perfdash, junit, benchstat, github-smaller, github-bigger, bencher, openmetrics, hgrm or hlog; to standard output without FILE",
  },
  { parse: (_, given) => given, format: (given) => given },
);

export const QUIET = toggle({ ...output, name: "quiet", describe: "only results and errors" });

export const NO_COLOR = toggle({
  ...output,
  name: "no-color",
  describe: "as with $NO_COLOR; $FORCE_COLOR colours without a terminal",
});

/** What every command that prints results takes. */
export const PRINT_FLAGS = {
  output: OUTPUT,
  precise: toggle({
    ...output,
    name: "precise",
    describe: "below the table its figures with all their digits",
  }),
  sample: toggle({
    ...output,
    name: "sample",
    describe: "below the table a row of CSV for each second, as upstream's tool prints it",
  }),
  quiet: QUIET,
  noColor: NO_COLOR,
};

export const SAVE = parsed(
  {
    ...output,
    name: "save",
    describe: "=DIR: keep the whole result as a JSON file; DIR is results by default",
  },
  {
    kind: "optional",
    bareValue: "results",
    parse: (_, given) => given,
    format: (given: string) => given,
  },
);

export const LABEL = repeated<readonly [string, string]>(
  {
    ...output,
    name: "label",
    describe: "KEY=VALUE to know the run by, e.g. commit=4f2a9c1",
  },
  { isText: true, parse: parseLabel, format: formatLabel },
);

export const NO_PROGRESS = toggle({
  ...output,
  name: "no-progress",
  describe: "no progress on standard error",
});

export const DRY_RUN = toggle({
  group: "Load:",
  name: "dry-run",
  describe: "print what would be measured, and how long it takes, and measure nothing",
});

export const CHECK_HASHKV = toggle({
  ...output,
  name: "check-hashkv",
  describe: "afterwards compare all members' keys by their hash; exit code 1 unless they are equal",
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
    describe: "exit code 4 if the measurement is invalid",
  }),
};

/** In the order of help. */
export const KEEP_FLAGS = {
  isDryRun: DRY_RUN,
  save: SAVE,
  labels: LABEL,
  reportPerfdash: toggle({
    ...output,
    name: "report-perfdash",
    describe: "write a perfdash file to $ARTIFACTS, else _artifacts, as upstream's tool names it",
  }),
  ...JUDGE_FLAGS,
  noProgress: NO_PROGRESS,
};
