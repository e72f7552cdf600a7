/** Owns `--find-max` and what belongs to it, read into the search of a plan. */
import { usageError } from "../errors.ts";
import { type PlanFlags, textOf } from "./plan-flags.ts";
import type { Search, Threshold } from "./schema.ts";
import { parseThreshold } from "./threshold.ts";
import { badValue, parseDurationMs, parseRatePerSec, readFraction } from "./units.ts";

/** Of the verification, where --duration does not say otherwise. */
export const VERIFICATION_DURATION = "30s";

const LEAST_STEP_MS = 100;
const LONGEST_STEP_MS = 3_600_000;
const MOST_RATE_PER_SEC = 10_000_000;
/** Rates are searched in three digits, and measured figures swing by more than this anyway. */
const LEAST_PRECISION = 0.01;
const MOST_PRECISION = 0.5;

/** `flags` as the person gave them. Null without --find-max. Throws a usage error for what cannot be searched for. */
export function searchFromFlags(flags: PlanFlags, note: (line: string) => void): Search | null {
  const expressions = flags["find-max"] ?? [];
  if (expressions.length === 0) {
    for (const name of ["find-start", "find-step-duration", "find-precision"] as const) {
      if (flags[name] !== undefined) note(`--${name} has no effect without --find-max`);
    }
    return null;
  }
  for (const name of ["rate", "put-rate"] as const) {
    refuseBeside(flags, name, "the search sets the rate; --find-start is where it begins");
  }
  for (const name of ["total", "put-total"] as const) {
    refuseBeside(flags, name, "steps are measured by time; --duration is the verification's");
  }
  if (textOf(flags, "clients") === "1") {
    note(
      "--find-max with one client finds what one request at a time can do; give --clients as many " +
        "as may wait for an answer at once",
    );
  }
  return {
    limits: expressions.map(parseLimit),
    startRatePerSec: parseRatePerSec("--find-start", textOf(flags, "find-start"), {
      min: 1,
      max: MOST_RATE_PER_SEC,
      example: "1000",
    }),
    precision: precisionOf(flags),
    stepDurationMs: parseDurationMs("--find-step-duration", textOf(flags, "find-step-duration"), {
      min: LEAST_STEP_MS,
      max: LONGEST_STEP_MS,
      example: "5s",
    }),
  };
}

/** A limit is what grows with the rate: a latency, or the share of errors, from above. */
function parseLimit(text: string): Threshold {
  const limit = parseThreshold("--find-max", text);
  if (limit.metric === "qps" || !limit.comparison.startsWith("<")) {
    throw badValue(
      "--find-max",
      text,
      "a limit that a higher rate comes to break: a latency or errors with < or <=",
      "'p99<20ms'",
    );
  }
  return limit;
}

function precisionOf(flags: PlanFlags): number {
  const text = textOf(flags, "find-precision");
  const precision = readFraction(text);
  if (precision === null || precision < LEAST_PRECISION || precision > MOST_PRECISION) {
    throw badValue("--find-precision", text, "a share from 1% to 50%", "5%");
  }
  return precision;
}

function refuseBeside(
  flags: PlanFlags,
  name: "rate" | "put-rate" | "total" | "put-total",
  why: string,
): void {
  if (flags[name] === undefined) return;
  throw usageError(`--find-max and --${name} exclude each other: ${why}; leave --${name} out`);
}
