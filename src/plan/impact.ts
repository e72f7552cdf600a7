/**
 * Owns the defaults of compact and defrag, which measure a foreground load while etcd compacts or
 * is defragmented: the load, and a schedule that fits into its time.
 */
import { usageError } from "../errors.ts";
import { type PlanFlags, textOf } from "./plan-flags.ts";
import { formatDuration, readCount, readDurationMs } from "./units.ts";

export type ImpactCommand = "compact" | "defrag";
export type Foreground = "mixed" | "put";

/** A fixed rate, since a closed loop sends least when etcd stalls most. */
export const IMPACT_DEFAULTS = {
  foreground: "mixed",
  mix: "put=50,range=50",
  rate: "500",
  clients: "100",
  conns: "10",
  duration: "30s",
  "key-space-size": "10000",
  "val-size": "1KiB",
} as const;

/** Compactions in a run, and the shares of its time at which it is defragmented. */
const COMPACTIONS = 6;
const DEFRAGMENTATIONS = [1 / 3, 2 / 3];

export function foregroundOf({ foreground = IMPACT_DEFAULTS.foreground }: PlanFlags): Foreground {
  if (foreground === "mixed" || foreground === "put") return foreground;
  throw usageError(
    `--foreground: ${JSON.stringify(foreground)} is not one of mixed, put, e.g. --foreground=put`,
  );
}

/** The same flags with the command's own defaults, as the foreground's command reads them. */
export function impactFlags(command: ImpactCommand, flags: PlanFlags): PlanFlags {
  const { foreground: _, mix, duration, ...shared } = IMPACT_DEFAULTS;
  const filled: PlanFlags = {
    ...shared,
    ...(foregroundOf(flags) === "mixed" ? { mix } : {}),
    // A search says itself how long its runs last.
    ...(flags.total === undefined && flags["find-max"] === undefined ? { duration } : {}),
    ...flags,
  };
  const lengthMs = expectedMs(filled);
  if (command === "compact") {
    return { "compact-interval": formatDuration(Math.ceil(lengthMs / COMPACTIONS)), ...filled };
  }
  const times = DEFRAGMENTATIONS.map((share) => formatDuration(Math.floor(lengthMs * share)));
  return { "defrag-at": times.join(","), ...filled };
}

/** Of one run; what cannot be read is told by the parser whose flag it is. */
function expectedMs(flags: PlanFlags): number {
  if (flags["find-max"] !== undefined) {
    return lengthOf(textOf(flags, "find-step-duration"));
  }
  if (flags.duration !== undefined) return lengthOf(flags.duration);
  const rate = readCount(flags.rate!);
  const total = readCount(flags.total!);
  return rate && total ? (total / rate) * 1000 : lengthOf(IMPACT_DEFAULTS.duration);
}

function lengthOf(duration: string): number {
  return readDurationMs(duration) || readDurationMs(IMPACT_DEFAULTS.duration)!;
}
