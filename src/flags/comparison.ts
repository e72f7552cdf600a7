/** The flags that say how a comparison is judged, and where the verdict goes. */
import { NO_COLOR } from "./output.ts";
import { parsed, repeated, toggle } from "./vocabulary.ts";

const output = { group: "Output:" } as const;

/** As compare/ reads it: which metrics those are is known there. */
export const GATE = parsed(
  {
    ...output,
    name: "gate",
    shownDefault: "throughput,p50,p99,unavailable",
    describe:
      "METRIC,... that decide the verdict: throughput, mean, p50, p90, p99, p999, or unavailable of availability, of the primary series, or SERIES:METRIC, e.g. range:p99",
  },
  { isList: true, parse: (_, text) => text, format: (text: string) => text },
);

export const LEAST_EFFECT = repeated<string>(
  {
    ...output,
    name: "least-effect",
    describe: "METRIC=PERCENT below which a difference does not count, e.g. p99=15%",
  },
  { parse: (_, text) => text, format: (text) => text },
);

/** What judges, in the order of help. */
export const GATE_FLAGS = { gate: GATE, leastEffects: LEAST_EFFECT };

export const COMPARISON_FLAGS = {
  ...GATE_FLAGS,
  strict: toggle({
    ...output,
    name: "strict",
    describe: "end with exit code 3 if a gate is undecided",
  }),
  noColor: NO_COLOR,
};
