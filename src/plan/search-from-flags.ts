/** `--find-max` and what belongs to it, read into the search of a plan. */
import { flagError } from "../errors.ts";
import { type GivenFlags, isGiven, type Read } from "../flags/flag.ts";
import { RATE_NAMES, TOTAL_NAMES } from "../flags/load.ts";
import type { LoadFlags } from "./plannable.ts";
import type { Search } from "./schema.ts";

/** Of the verification, where --duration does not say otherwise. */
export const VERIFICATION_MS = 30_000;

/**
 * Null without --find-max.
 * @param given as the user gave it @throws BenchError (usage) for what cannot be searched for
 */
export function searchFromFlags(
  flags: Read<LoadFlags>,
  { loadFlags, given }: { loadFlags: LoadFlags; given: GivenFlags },
  note: (line: string) => void,
): Search | null {
  const { findStartPerSec, findStepMs, findPrecision } = loadFlags;
  if (flags.findMax.length === 0) {
    for (const flag of [findStartPerSec, findStepMs, findPrecision]) {
      if (isGiven(given, flag)) note(`--${flag.name} has no effect without --find-max`);
    }
    return null;
  }
  for (const name of RATE_NAMES) {
    refuse(given, name, "the search sets the rate; --find-start is where it begins");
  }
  for (const name of TOTAL_NAMES) {
    refuse(given, name, "steps are measured by time; --duration is the verification's");
  }
  if (flags.clients === 1) {
    note(
      "--find-max with one client finds what one request at a time can do; give --clients as many " +
        "as may wait for an answer at once",
    );
  }
  return {
    limits: [...flags.findMax],
    startRatePerSec: flags.findStartPerSec,
    precision: flags.findPrecision,
    stepDurationMs: flags.findStepMs,
  };
}

function refuse(given: GivenFlags, name: string, why: string): void {
  if (given[name] === undefined) return;
  throw flagError(
    "find-max",
    `--find-max and --${name} exclude each other: ${why}; leave --${name} out`,
  );
}
