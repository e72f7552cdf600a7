/** Owns the flags that say what is printed, kept and judged. */
import { def, type FlagSpec, output } from "./flag-spec.ts";

/** What every command that prints results takes. */
export const PRINT_FLAGS: readonly FlagSpec[] = [
  {
    ...output,
    name: "output",
    short: "o",
    repeatable: true,
    default: "table",
    describe:
      "FORMAT[=FILE]: table, summary, markdown, html, json, csv, sample, perfdash, junit, benchstat, github-smaller, github-bigger, bencher, openmetrics, hgrm or hlog; to standard output without FILE",
  },
  {
    ...output,
    name: "precise",
    kind: "switch",
    describe: "below the table its figures with all their digits",
  },
  {
    ...output,
    name: "sample",
    kind: "switch",
    describe: "below the table a row of CSV for each second, as upstream's tool prints it",
  },
  { ...output, name: "quiet", kind: "switch", describe: "only results and errors" },
  {
    ...output,
    name: "no-color",
    kind: "switch",
    describe: "as with $NO_COLOR; $FORCE_COLOR colours without a terminal",
  },
];

export const SAVE_FLAG: FlagSpec = {
  ...output,
  name: "save",
  kind: "optional",
  bareValue: "results",
  describe: "=DIR: keep the whole result as a JSON file; DIR is results by default",
};

export const LABEL_FLAG: FlagSpec = {
  ...output,
  name: "label",
  isText: true,
  repeatable: true,
  describe: "KEY=VALUE to know the run by, e.g. commit=4f2a9c1",
};

export const NO_PROGRESS_FLAG: FlagSpec = {
  ...output,
  name: "no-progress",
  kind: "switch",
  describe: "no progress on standard error",
};

export const CHECK_HASHKV_FLAG: FlagSpec = {
  ...output,
  name: "check-hashkv",
  kind: "switch",
  describe: "afterwards compare all members' keys by their hash; exit code 1 unless they are equal",
};

export const JUDGE_FLAGS: readonly FlagSpec[] = [
  SAVE_FLAG,
  LABEL_FLAG,
  {
    ...output,
    name: "report-perfdash",
    kind: "switch",
    describe: "write a perfdash file to $ARTIFACTS, else _artifacts, as upstream's tool names it",
  },
  {
    ...output,
    ...def("max-error-rate"),
    describe: "share of failed requests above which the exit code is 1, e.g. 1% or 0.01",
  },
  {
    ...output,
    name: "threshold",
    repeatable: true,
    describe:
      "'p99<20ms' (or p50, mean, stddev, max, ...), 'qps>10000', 'errors<0.1%', of one series 'range:p99<20ms': exit code 1 where broken, 4 where what was measured cannot decide it",
  },
  {
    ...output,
    name: "strict",
    kind: "switch",
    describe: "exit code 4 if the measurement is invalid",
  },
  NO_PROGRESS_FLAG,
];
