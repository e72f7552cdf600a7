/** Owns the flags of watch-get, read into its workload. */
import { usageError } from "../../errors.ts";
import { assertKeysFit } from "../key-capacity.ts";
import { keySizeOf } from "../key-size.ts";
import { type PlanFlags, textOf } from "../plan-flags.ts";
import type { WatchGetWorkload } from "../schema.ts";
import { parseCount } from "../units.ts";
import { valuesOf } from "../values.ts";
import { oneConsistencyOf } from "./one-consistency.ts";
import { MAX_STREAMS, MAX_WATCHERS } from "./watch.ts";
import { WATCH_GET_DEFAULTS } from "./watch-defaults.ts";

/** They are put one by one before the run, and their revisions go to every worker. */
const MAX_EVENTS = 100_000;

export function watchGetFromFlags(
  flags: PlanFlags,
  note: (line: string) => void,
): WatchGetWorkload {
  if (flags["find-max"] !== undefined) {
    throw usageError(
      "--find-max measures steps of one length, and watch-get lasts as long as its watchers catch up: " +
        "leave it out, or search with watch-latency",
    );
  }
  const whole = (name: "watchers" | "streams" | "events", max: number) => {
    const example = WATCH_GET_DEFAULTS[name];
    return parseCount(`--${name}`, flags[name] ?? example, { min: 1, max, example });
  };
  const watchers = whole("watchers", MAX_WATCHERS);
  const streams = whole("streams", MAX_STREAMS);
  if (streams > watchers) {
    throw usageError(
      `--streams=${streams} is more than --watchers=${watchers}: give at most a stream for each`,
    );
  }
  const keys = {
    keySizeBytes: keySizeOf(flags),
    keySpaceSize: 1,
    sequential: true,
    popularity: "uniform" as const,
    prefix: textOf(flags, "prefix"),
    encoding: "fixed" as const,
  };
  assertKeysFit(keys, "--prefix");
  return {
    kind: "watch-get",
    keys,
    ...valuesOf(flags, keys, note),
    watchers,
    streams,
    events: whole("events", MAX_EVENTS),
    consistency: oneConsistencyOf({
      ...flags,
      consistency: flags.consistency ?? WATCH_GET_DEFAULTS.consistency,
    }),
  };
}
