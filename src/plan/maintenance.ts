/** Reads the flags of scheduled compactions and defragmentations into their part of the plan. */
import { usageError } from "../errors.ts";
import type { Maintenance } from "./maintenance-schema.ts";
import { countOf, type PlanFlags, textOf } from "./plan-flags.ts";
import { badValue, parseDurationMs, readDurationMs } from "./units.ts";

const SHORTEST_INTERVAL_MS = 10;
const LONGEST_MS = 500 * 3_600_000;

/** @param durationMs of the measured phase; null where it is not known beforehand */
export function maintenanceFromFlags(
  flags: PlanFlags,
  durationMs: number | null,
  note: (line: string) => void,
): Maintenance {
  return {
    compaction: compactionOf(flags, note),
    defragmentation: defragmentationOf(flags, durationMs, note),
  };
}

function compactionOf(flags: PlanFlags, note: (line: string) => void): Maintenance["compaction"] {
  const keptRevisions = countOf(flags, "compact-index-delta", Number.MAX_SAFE_INTEGER, 0);
  const text = textOf(flags, "compact-interval");
  // As upstream, 0 is none.
  if (text === "0" || readDurationMs(text) === 0) {
    if (flags["compact-index-delta"] !== undefined) {
      note("--compact-index-delta has no effect without --compact-interval: nothing is compacted");
    }
    return null;
  }
  const bounds = { min: SHORTEST_INTERVAL_MS, max: LONGEST_MS, example: "5m" };
  return { intervalMs: parseDurationMs("--compact-interval", text, bounds), keptRevisions };
}

function defragmentationOf(
  flags: PlanFlags,
  durationMs: number | null,
  note: (line: string) => void,
): Maintenance["defragmentation"] {
  const text = flags["defrag-at"];
  const member = flags["defrag-member"] ?? null;
  if (text === undefined) {
    if (member !== null) note("--defrag-member has no effect without --defrag-at");
    return null;
  }
  const atMs = text.split(",").map((part) => {
    const ms = readDurationMs(part.trim());
    if (ms === null || ms > LONGEST_MS) {
      throw badValue("--defrag-at", part, "a time after the start, or several", "10s,20s");
    }
    return ms;
  });
  atMs.sort((a, b) => a - b);
  const last = atMs.at(-1)!;
  if (durationMs !== null && last >= durationMs) {
    throw usageError(
      `--defrag-at=${text}: the run is over after ${durationMs / 1000} s; give earlier times or a longer --duration`,
    );
  }
  if (member === "") throw usageError("--defrag-member: give a member's name, endpoint or id");
  return { atMs, member };
}
