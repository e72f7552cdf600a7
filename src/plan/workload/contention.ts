/** Reads the flags that lock and election share. */
import { usageError } from "../../errors.ts";
import { DEFAULTS } from "../defaults.ts";
import { type PlanFlags, textOf } from "../plan-flags.ts";
import { badValue, formatDuration, parseDurationMs } from "../units.ts";

/** Room for the clients to open and warm up before the first renewal. */
const LEAST_TTL_MS = 5_000;
/** The longest that etcd grants. */
const MAX_TTL_MS = 9_000_000_000 * 1000;
const MAX_HOLD_MS = 3_600_000;
export const MAX_NAMES = 100_000;

export interface ContentionFields {
  holdMs: number;
  ttlSeconds: number;
  prefix: string;
}

export function contentionFromFlags(
  flags: PlanFlags,
  load: { timeoutMs: number; clients: number },
  { names, defaultPrefix }: { names: number; defaultPrefix: string },
  note: (line: string) => void,
): ContentionFields {
  const holdMs = holdOf(flags, load.timeoutMs);
  // Who waits has all the others of its name before it.
  const waitMs = (Math.ceil(load.clients / names) - 1) * holdMs;
  if (waitMs >= load.timeoutMs) {
    note(
      `--hold=${formatDuration(holdMs)} makes a client wait ${formatDuration(waitMs)} or more for the ` +
        `others of its name, beyond --timeout=${formatDuration(load.timeoutMs)}: requests will fail`,
    );
  }
  const prefix = typeof flags.prefix === "string" ? flags.prefix : defaultPrefix;
  return { holdMs, ttlSeconds: ttlOf(flags), prefix };
}

function holdOf(flags: PlanFlags, timeoutMs: number): number {
  const text = textOf(flags, "hold");
  if (/^0+$/.test(text)) return 0;
  const holdMs = parseDurationMs("--hold", text, { max: MAX_HOLD_MS, example: "10ms" });
  if (holdMs < timeoutMs) return holdMs;
  throw usageError(
    `--hold=${formatDuration(holdMs)} is not shorter than --timeout=${formatDuration(timeoutMs)}, after ` +
      "which whoever waits gives up: give a longer --timeout or a shorter --hold",
  );
}

function ttlOf(flags: PlanFlags): number {
  const text = textOf(flags, "ttl");
  const bounds = { min: LEAST_TTL_MS, max: MAX_TTL_MS, example: DEFAULTS.ttl };
  const seconds = parseDurationMs("--ttl", text, bounds) / 1000;
  if (Number.isInteger(seconds)) return seconds;
  throw badValue("--ttl", text, "a duration of whole seconds, as etcd's leases have", DEFAULTS.ttl);
}
