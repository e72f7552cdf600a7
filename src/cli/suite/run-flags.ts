/** The flags of `bench run`. */
import { AGENT_FLAGS } from "../../flags/agents.ts";
import { DRY_RUN, LABEL, NO_PROGRESS, PRINT_FLAGS } from "../../flags/output.ts";
import { STREAM_FLAGS } from "../../flags/stream.ts";
import { TARGET_FLAGS } from "../../flags/target.ts";
import {
  count,
  like,
  optional,
  parsed,
  repeated,
  text,
  textOrBare,
} from "../../flags/vocabulary.ts";
import { badValue, readFraction } from "../../units.ts";
import { outputFlag } from "../output/output-flag.ts";

const load = { group: "Load:" } as const;

const LARGEST_SCALE = 1000;

const MOST_REPEATS = 10_000;

/** `writes` names all cells of its matrix, `writes, conns=100` a part of them. */
function cellNames(name: string, describe: string) {
  return repeated<string>(
    { ...load, name, describe },
    { isText: true, parse: (_, given) => given, format: (given) => given },
  );
}

/** What a suite is measured by, in place of what its file says. */
export const REQUEST_FLAGS = {
  sets: repeated<string>(
    {
      ...load,
      name: "set",
      describe:
        "FLAG=VALUE for every cell that takes the flag; repeated with other values: each of them in turn",
    },
    { parse: (_, given) => given, format: (given) => given },
  ),
  scale: parsed(
    {
      ...load,
      name: "scale",
      default: "1",
      describe: "factor of all totals and durations, e.g. 0.01 to try a suite",
    },
    {
      parse(flag, given) {
        const isNumber = /^\d*\.?\d+(e-?\d+)?%?$/i.test(given);
        const scale = isNumber ? (readFraction(given) ?? Number(given)) : Number.NaN;
        if (scale > 0 && scale <= LARGEST_SCALE) return scale;
        throw badValue(flag, given, `a factor above 0 and up to ${LARGEST_SCALE}`, "0.01");
      },
      format: String,
    },
  ),
  repeats: optional(
    count({
      ...load,
      name: "repeats",
      max: MOST_REPEATS,
      example: "5",
      describe: "number of runs of each cell, in place of the suite's",
    }),
  ),
  only: cellNames("only", "name of a CELL to measure, without the others; repeatable"),
  skip: cellNames("skip", "name of a CELL to leave out; repeatable"),
  referenceEtcd: text({
    ...load,
    name: "reference-etcd",
    describe:
      "PATH of a pinned etcd; each run is repeated on it, in turns, for bench compare and bench trend",
  }),
};

export const RUN_FLAGS = {
  ...TARGET_FLAGS,
  ...REQUEST_FLAGS,
  ...AGENT_FLAGS,
  isDryRun: like(DRY_RUN, {
    describe: "print the cells and how long they take, and measure nothing",
  }),
  resume: textOrBare(
    {
      ...load,
      name: "resume",
      describe: "=DIR: measure the missing runs of a session (default: the latest)",
    },
    "",
  ),
  ...PRINT_FLAGS,
  // Of one result the table is the report, of many the summary.
  output: outputFlag("results", { streams: true, shownDefault: "summary" }),
  ...STREAM_FLAGS,
  save: textOrBare(
    {
      group: "Output:",
      name: "save",
      describe: "=DIR: save the results in the new folder DIR (default: results/SUITE-TIME)",
    },
    "",
  ),
  labels: LABEL,
  noProgress: NO_PROGRESS,
};
