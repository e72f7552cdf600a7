/** The flags that watch and watch-latency share, and the plan that both make of them. */
import { flagError } from "../../../errors.ts";
import type { GivenFlags, Read } from "../../../flags/flag.ts";
import { PUT_RATE, PUT_TOTAL, RATE, TOTAL } from "../../../flags/load.ts";
import { VAL_SIZE } from "../../../flags/val-size.ts";
import { count, like, optional, toggle } from "../../../flags/vocabulary.ts";
import { assertKeysFit } from "../../../plan/key-capacity.ts";
import type { KeySpace } from "../../../plan/key-space.ts";
import type { PlanContext } from "../../../plan/plannable.ts";
import { valSizeOf, valuesOf } from "../../../plan/values.ts";
import { parseSizeBytes } from "../../../units.ts";
import { WATCH_HEADER_BYTES } from "../watching/layout.ts";
import type { WatchPlan } from "../watching/schema.ts";
import {
  CLEANUP,
  KEY_ENCODING,
  KEY_SIZE,
  KEY_SPACE_SIZE,
  keySpaceFlagsOf,
  PREFIX,
  SEQUENTIAL_KEYS,
} from "./key-space.ts";

const workload = { group: "Workload:" } as const;

export const MAX_STREAMS = 1_000_000;
/** In all; a few numbers are kept of each. */
export const MAX_WATCHERS = 10_000_000;

/** Upstream's key size; its values have 4 bytes ("data"), which are too few to know an event by. */
export function watchKeyFlags(valSize: string) {
  return {
    keySizeBytes: like(KEY_SIZE, { default: "32" }),
    valSize: like(VAL_SIZE, { default: valSize }),
    prefix: PREFIX,
    encoding: KEY_ENCODING,
    cleanup: CLEANUP,
  };
}

export const WATCHED_SPACE_FLAGS = {
  keySpaceSize: optional(KEY_SPACE_SIZE, {
    describe:
      "number of keys that the watched keys are drawn from; default: all watched keys are distinct",
  }),
  sequential: SEQUENTIAL_KEYS,
};

export const STREAMS = count({
  ...workload,
  name: "streams",
  default: "10",
  max: MAX_STREAMS,
  describe: "number of watch streams, spread over the connections",
});

export const EVENT_FLAGS = {
  prevKv: toggle({ ...workload, name: "prevkv", describe: "ask for the previous value in events" }),
  progressNotify: toggle({
    ...workload,
    name: "progress-notify",
    describe: "ask for progress notifications to idle watchers",
  }),
};

/** PUT_TOTAL and PUT_RATE, in the words and with the defaults of a workload. */
export function putFlags(describe: { total: string; rate: string }, total: string, rate: string) {
  return {
    putTotal: like(PUT_TOTAL, { describe: describe.total, shownDefault: total }),
    putRate: like(PUT_RATE, { describe: describe.rate, shownDefault: rate }),
  };
}

/** Upstream's --put-total and --put-rate as --total and --rate. */
export function withPutFlags(
  given: GivenFlags,
  putFlagsOf: ReturnType<typeof putFlags>,
): GivenFlags {
  const filled: Record<string, GivenFlags[string]> = { ...given };
  for (const [upstream, ours] of [
    [putFlagsOf.putTotal, TOTAL],
    [putFlagsOf.putRate, RATE],
  ] as const) {
    const text = given[upstream.name];
    if (text === undefined) continue;
    if (given[ours.name] !== undefined) {
      throw flagError(
        upstream.name,
        `--${upstream.name} and --${ours.name} are the same: give one of them`,
      );
    }
    // Read here, where the flag still has the name that the user gave it.
    upstream.read(given);
    filled[ours.name] = text;
  }
  return filled;
}

interface WatchedKeys {
  keySpaceSize: number | null;
  sequential: boolean;
}

/** @param watched how many keys are watched, and by how many watchers on each of the streams */
export function watchPlan<Kind extends WatchPlan["kind"]>(
  kind: Kind,
  flags: Read<ReturnType<typeof watchKeyFlags> & typeof EVENT_FLAGS> & {
    streams: number;
  } & WatchedKeys,
  watched: { keys: number; perStream: number; perStreamFlag: string },
  { load, note }: PlanContext,
) {
  const { streams, prevKv, progressNotify } = flags;
  const { keys: watchedKeyTotal, perStream: watchersPerStream, perStreamFlag } = watched;
  if (streams * watchersPerStream > MAX_WATCHERS) {
    throw flagError(
      "streams",
      `--streams=${streams} --${perStreamFlag}=${watchersPerStream} are ${streams * watchersPerStream} ` +
        `watchers; at most ${MAX_WATCHERS} can be tracked`,
    );
  }
  const isLatency = kind === "watch-latency";
  for (const [flag, amount] of [
    ["--streams", streams],
    ["--watched-key-total", watchedKeyTotal],
  ] as const) {
    if (load.workers <= amount) continue;
    const fix =
      isLatency && flag !== "--streams" ? "leave --workers out" : `give ${flag}=${load.workers}`;
    throw flagError(
      "workers",
      `--workers=${load.workers} needs a stream and a watched key for each worker, which puts and ` +
        `watches its own; ${fix}, or fewer workers`,
    );
  }
  const keys = watchedKeySpace(flags, watchedKeyTotal, note);
  const least = { bytes: WATCH_HEADER_BYTES, why: "an event is known by" };
  const { valSize } = flags;
  const values = valuesOf(valSize, { keySizeBytes: keys.keySizeBytes, least }, note);
  if (valSize.kind === "one") {
    const example = String(WATCH_HEADER_BYTES);
    parseSizeBytes("--val-size", valSize.text, { min: WATCH_HEADER_BYTES, example });
  }
  return {
    kind,
    keys,
    ...values,
    watchedKeyTotal,
    streams,
    watchersPerStream,
    prevKv,
    progressNotify,
  };
}

function watchedKeySpace(
  flags: Read<ReturnType<typeof watchKeyFlags>> & WatchedKeys,
  watchedKeyTotal: number,
  note: (line: string) => void,
): KeySpace {
  const { keySizeBytes, prefix, encoding, keySpaceSize } = flags;
  const isDefaulted = keySpaceSize === null;
  if (isDefaulted && watchedKeyTotal > 1) {
    note(
      `--watched-key-total=${watchedKeyTotal} without --key-space-size watches so many distinct ` +
        "keys; upstream's tool would watch one key (--key-space-size=1 does the same here)",
    );
  }
  const keys = {
    keySizeBytes,
    keySpaceSize: keySpaceSize ?? watchedKeyTotal,
    sequential: isDefaulted || flags.sequential,
    popularity: "uniform" as const,
    prefix,
    encoding,
  };
  assertKeysFit(keys, isDefaulted ? "--watched-key-total" : "--key-space-size");
  return keys;
}

/** The flags that both commands write for their plan. */
export function watchFlagsOf(plan: WatchPlan) {
  const { keySizeBytes, prefix, encoding } = keySpaceFlagsOf(plan.keys);
  const { streams, prevKv, progressNotify } = plan;
  return {
    ...{ streams, keySizeBytes, prefix, encoding, prevKv, progressNotify },
    valSize: valSizeOf(plan),
  };
}
