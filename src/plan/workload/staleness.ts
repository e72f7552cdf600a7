/** Owns the flags of staleness, read into its workload. */
import { usageError } from "../../errors.ts";
import type { PlanFlags } from "../plan-flags.ts";
import type { StalenessWorkload } from "../schema.ts";
import { parseRatePerSec } from "../units.ts";
import { valuesOf } from "../values.ts";
import { keySpaceOf } from "./key-space-flags.ts";
import { STALENESS_DEFAULTS } from "./staleness-defaults.ts";

/** Of each member; beyond it the reads would be the load that is measured. */
const MAX_READ_RATE_PER_SEC = 10_000;

/** The same flags with the command's own defaults. */
export function stalenessFlags(flags: PlanFlags): PlanFlags {
  const { duration, ...shared } = STALENESS_DEFAULTS;
  const isOpen = flags.total === undefined && flags["find-max"] === undefined;
  return { ...shared, ...(isOpen ? { duration } : {}), ...flags };
}

export function stalenessFromFlags(
  flags: PlanFlags,
  load: { workers: number },
  note: (line: string) => void,
): StalenessWorkload {
  if (load.workers > 1) {
    throw usageError(
      `--workers=${load.workers}: staleness keeps account of what was acknowledged in one thread; leave it at 1`,
    );
  }
  const example = STALENESS_DEFAULTS["read-rate"];
  const readRatePerSec = parseRatePerSec("--read-rate", flags["read-rate"] ?? example, {
    max: MAX_READ_RATE_PER_SEC,
    example,
  });
  if (readRatePerSec === 0) {
    throw usageError(
      `--read-rate=${flags["read-rate"]}: without reads nothing is measured, e.g. --read-rate=${example}`,
    );
  }
  const keys = keySpaceOf(flags, { sequential: flags["sequential-keys"] ?? false });
  return { kind: "staleness", keys, ...valuesOf(flags, keys, note), readRatePerSec };
}
