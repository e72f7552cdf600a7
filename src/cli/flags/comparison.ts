/** Owns the flags that say how two sides are judged, and where the verdict goes. */
import { type FlagSpec, output } from "./flag-spec.ts";

export const COMPARISON_FLAGS: readonly FlagSpec[] = [
  {
    ...output,
    name: "gate",
    default: "throughput,p50,p99",
    describe:
      "metrics of the load as a whole that make the verdict: of throughput, mean, p50, p90, p99, p999; OPERATION:METRIC is of one part, e.g. range:p99",
  },
  {
    ...output,
    name: "least-effect",
    repeatable: true,
    describe: "METRIC=PERCENT below which a difference is of no interest, e.g. p99=15%",
  },
  {
    ...output,
    name: "output",
    short: "o",
    repeatable: true,
    default: "table",
    describe:
      "FORMAT[=FILE]: table, markdown, html, json, junit, benchstat, github-smaller, github-bigger, bencher or openmetrics; to standard output without FILE",
  },
  {
    ...output,
    name: "strict",
    kind: "switch",
    describe: "exit code 3 where a gate is undecided",
  },
  {
    ...output,
    name: "no-color",
    kind: "switch",
    describe: "as with $NO_COLOR; $FORCE_COLOR colours without a terminal",
  },
];
