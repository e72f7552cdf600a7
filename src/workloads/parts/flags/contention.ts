/** What lock and election have in common: flags, and the fields of the plan that they make. */
import { flagError } from "../../../errors.ts";
import type { Read } from "../../../flags/flag.ts";
import { duration, wholeSeconds } from "../../../flags/vocabulary.ts";
import type { RunPlan } from "../../../plan/schema.ts";
import { formatDuration } from "../../../units.ts";
import { MAX_TTL_SECONDS } from "./leases.ts";

const workload = { group: "Workload:" } as const;

/** Room for the clients to open and warm up before the first renewal. */
const LEAST_TTL_MS = 5_000;
const MAX_HOLD_MS = 3_600_000;
export const MAX_NAMES = 100_000;

export const CONTENTION_FLAGS = {
  holdMs: duration({
    ...workload,
    name: "hold",
    default: "0",
    max: MAX_HOLD_MS,
    example: "10ms",
    describe: "time for which an owner holds it, e.g. 10ms",
  }),
  ttlSeconds: wholeSeconds({
    ...workload,
    name: "ttl",
    default: "60s",
    min: LEAST_TTL_MS,
    max: MAX_TTL_SECONDS * 1000,
    describe: "time to live of each client's lease, which bench keeps alive; at least 5s",
  }),
};

interface ContentionFields {
  holdMs: number;
  ttlSeconds: number;
  prefix: string;
}

/** @param names locks or elections that the clients contend for */
export function contentionOf(
  { holdMs, ttlSeconds, prefix }: Read<typeof CONTENTION_FLAGS> & { prefix: string },
  names: number,
  { timeoutMs, clients }: RunPlan["load"],
  note: (line: string) => void,
): ContentionFields {
  if (holdMs >= timeoutMs) {
    throw flagError(
      "hold",
      `--hold=${formatDuration(holdMs)} is not shorter than --timeout=${formatDuration(timeoutMs)}, after ` +
        "which waiting clients give up: give a longer --timeout or a shorter --hold",
    );
  }
  // A client may wait for all the others of its name.
  const waitMs = (Math.ceil(clients / names) - 1) * holdMs;
  if (waitMs >= timeoutMs) {
    note(
      `--hold=${formatDuration(holdMs)} makes a client wait ${formatDuration(waitMs)} or more for the ` +
        `others of its name, beyond --timeout=${formatDuration(timeoutMs)}: requests will fail`,
    );
  }
  return { holdMs, ttlSeconds, prefix };
}
