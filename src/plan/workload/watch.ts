/** Owns the flags of watch and watch-latency, read into their workload, total and rate. */
import { usageError } from "../../errors.ts";
import { assertKeysFit } from "../key-capacity.ts";
import { keySizeOf } from "../key-size.ts";
import { choiceOf, type PlanFlags, textOf } from "../plan-flags.ts";
import type { RunPlan, WatchWorkload } from "../schema.ts";
import { parseCount, parseRatePerSec, parseSizeBytes } from "../units.ts";
import { WATCH_MARK_BYTES } from "../value-layout.ts";
import { valuesOf } from "../values.ts";
import { WATCH_DEFAULTS, type WatchCommand } from "./watch-defaults.ts";

/** Their list goes to every worker. */
const MAX_WATCHED_KEYS = 1_000_000;
export const MAX_STREAMS = 1_000_000;
/** In all; a few numbers are kept of each. */
export const MAX_WATCHERS = 10_000_000;
const MAX_RATE_PER_SEC = 10_000_000;

/** The same flags with the command's own defaults, and upstream's --put-total, --put-rate as ours. */
export function watchFlags(command: WatchCommand, flags: PlanFlags): PlanFlags {
  const defaults = WATCH_DEFAULTS[command];
  const total = eitherOf(flags, "put-total", "total");
  const rate = eitherOf(flags, "put-rate", "rate");
  // Checked here, where the flag still has the name that the person gave it.
  if (flags["put-total"] !== undefined) {
    parseCount("--put-total", flags["put-total"], { min: 1, example: defaults["put-total"] });
  }
  if (flags["put-rate"] !== undefined) {
    parseRatePerSec("--put-rate", flags["put-rate"], { max: MAX_RATE_PER_SEC, example: "100" });
  }
  const totalText = total ?? (flags.duration === undefined ? defaults["put-total"] : undefined);
  return {
    ...flags,
    ...(totalText === undefined ? {} : { total: totalText }),
    rate: rate ?? defaults["put-rate"],
    "key-size": flags["key-size"] ?? defaults["key-size"],
    "val-size": flags["val-size"] ?? defaults["val-size"],
  };
}

export function watchFromFlags(
  command: WatchCommand,
  flags: PlanFlags,
  load: RunPlan["load"],
  note: (line: string) => void,
): WatchWorkload {
  const isLatency = command === "watch-latency";
  const streams = whole("--streams", flags.streams ?? "10", MAX_STREAMS);
  const [perStreamFlag, perStreamText] = isLatency
    ? (["--watchers-per-stream", flags["watchers-per-stream"] ?? "10"] as const)
    : (["--watch-per-stream", flags["watch-per-stream"] ?? "100"] as const);
  const watchersPerStream = whole(perStreamFlag, perStreamText, MAX_WATCHERS);
  if (streams * watchersPerStream > MAX_WATCHERS) {
    throw usageError(
      `--streams=${streams} ${perStreamFlag}=${watchersPerStream} are ${streams * watchersPerStream} ` +
        `watchers; at most ${MAX_WATCHERS} can be kept account of`,
    );
  }
  const watchedKeyTotal = isLatency
    ? 1
    : whole("--watched-key-total", flags["watched-key-total"] ?? "1", MAX_WATCHED_KEYS);
  for (const [flag, amount] of [
    ["--streams", streams],
    ["--watched-key-total", watchedKeyTotal],
  ] as const) {
    if (load.workers <= amount) continue;
    const mend =
      isLatency && flag !== "--streams" ? "leave --workers out" : `give ${flag}=${load.workers}`;
    throw usageError(
      `--workers=${load.workers} needs a stream and a watched key for each worker, which puts and ` +
        `watches its own; ${mend}, or fewer workers`,
    );
  }
  const keys = keysOf(flags, watchedKeyTotal, note);
  const least = { bytes: WATCH_MARK_BYTES, why: "an event is known by" };
  const values = valuesOf(flags, { keySizeBytes: keys.keySizeBytes, least }, note);
  if (values.valueSize === null) {
    parseSizeBytes("--val-size", textOf(flags, "val-size"), {
      min: WATCH_MARK_BYTES,
      example: String(WATCH_MARK_BYTES),
    });
  }
  return {
    kind: command,
    keys,
    ...values,
    watchedKeyTotal,
    streams,
    watchersPerStream,
    prevKv: flags.prevkv ?? false,
    progressNotify: flags["progress-notify"] ?? false,
  };
}

function keysOf(
  flags: PlanFlags,
  watchedKeyTotal: number,
  note: (line: string) => void,
): WatchWorkload["keys"] {
  const isDefaulted = flags["key-space-size"] === undefined;
  if (isDefaulted && watchedKeyTotal > 1) {
    note(
      `--watched-key-total=${watchedKeyTotal} without --key-space-size watches so many distinct ` +
        "keys; upstream's tool would watch one key (--key-space-size=1 does the same here)",
    );
  }
  const keys = {
    keySizeBytes: keySizeOf(flags),
    keySpaceSize: isDefaulted
      ? watchedKeyTotal
      : whole("--key-space-size", flags["key-space-size"]!, Number.MAX_SAFE_INTEGER),
    sequential: isDefaulted || (flags["sequential-keys"] ?? false),
    popularity: "uniform" as const,
    prefix: textOf(flags, "prefix"),
    encoding: choiceOf(flags, "key-encoding", ["fixed", "varint"]),
  };
  assertKeysFit(keys, isDefaulted ? "--watched-key-total" : "--key-space-size");
  return keys;
}

function whole(flag: string, text: string, max: number): number {
  return parseCount(flag, text, { min: 1, max, example: "10" });
}

function eitherOf(
  flags: PlanFlags,
  upstream: "put-total" | "put-rate",
  ours: "total" | "rate",
): string | undefined {
  if (flags[upstream] !== undefined && flags[ours] !== undefined) {
    throw usageError(`--${upstream} and --${ours} are the same: give one of them`);
  }
  return flags[upstream] ?? flags[ours];
}
