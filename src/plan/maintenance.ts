/** Reads the flags of scheduled compactions and defragmentations into their part of the plan. */
import { flagError } from "../errors.ts";
import { type GivenFlags, isGiven, type Read, readFlags } from "../flags/flag.ts";
import { MAINTENANCE_FLAGS } from "../flags/maintenance.ts";
import type { Maintenance } from "./maintenance-schema.ts";

/**
 * @param given as the user gave it, with the workload's own defaults
 * @param durationMs of the measured phase; null where it is not known beforehand
 */
export function maintenanceFromFlags(
  given: GivenFlags,
  durationMs: number | null,
  note: (line: string) => void,
): Maintenance {
  const flags = readFlags(MAINTENANCE_FLAGS, given);
  return {
    compaction: compactionOf(flags, given, note),
    defragmentation: defragmentationOf(flags, given, durationMs, note),
  };
}

type Flags = Read<typeof MAINTENANCE_FLAGS>;

function compactionOf(
  { compactIntervalMs, compactIndexDelta }: Flags,
  given: GivenFlags,
  note: (line: string) => void,
): Maintenance["compaction"] {
  // As upstream, 0 is none.
  if (compactIntervalMs === null) {
    if (isGiven(given, MAINTENANCE_FLAGS.compactIndexDelta)) {
      note("--compact-index-delta has no effect without --compact-interval: nothing is compacted");
    }
    return null;
  }
  return { intervalMs: compactIntervalMs, keptRevisions: compactIndexDelta };
}

function defragmentationOf(
  { defragAtMs: atMs, defragMember: member }: Flags,
  given: GivenFlags,
  durationMs: number | null,
  note: (line: string) => void,
): Maintenance["defragmentation"] {
  if (atMs === null) {
    if (member !== null) note("--defrag-member has no effect without --defrag-at");
    return null;
  }
  if (durationMs !== null && atMs.at(-1)! >= durationMs) {
    throw flagError(
      "defrag-at",
      `--defrag-at=${given["defrag-at"]}: the run is over after ${durationMs / 1000} s; give earlier times or a longer --duration`,
    );
  }
  if (member === "") {
    throw flagError("defrag-member", "--defrag-member: give a member's name, endpoint or id");
  }
  return { atMs, member };
}
