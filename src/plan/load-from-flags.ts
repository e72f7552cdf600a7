/** Owns the way from flags to how much load a plan offers: by whom, how fast, and until when. */
import { usageError } from "../errors.ts";
import { DEFAULTS } from "./defaults.ts";
import { choiceOf, countOf, type PlanFlags, textOf } from "./plan-flags.ts";
import type { RunPlan } from "./schema.ts";
import { workersOf } from "./shares.ts";
import {
  badValue,
  isZeroDuration,
  MAX_DURATION_MS,
  parseCount,
  parseDurationMs,
  parseRatePerSec,
  readCount,
} from "./units.ts";

const MAX_CONNECTIONS = 100_000;
const MAX_CLIENTS = 1_000_000;
const MAX_WORKERS = 1024;
const MAX_RATE_PER_SEC = 10_000_000;
const MAX_TIMEOUT_MS = 3_600_000;

export function loadOf(
  flags: PlanFlags,
  note: (line: string) => void,
  /** Streams use the connections that no client does. */
  usesAllConnections: boolean,
): RunPlan["load"] {
  const connections = countOf(flags, "conns", MAX_CONNECTIONS);
  const clients = countOf(flags, "clients", MAX_CLIENTS);
  const workers = countOf(flags, "workers", MAX_WORKERS);
  if (connections > clients && !usesAllConnections) {
    note(
      `--conns=${connections} is more than --clients=${clients}: ` +
        `${connections - clients} connections stay idle, as upstream`,
    );
  }
  // A worker is a thread with sockets of its own, so it cannot do with less than one of each.
  if (workers > workersOf({ workers, connections, clients })) {
    throw usageError(
      `--workers=${workers} needs a connection and a client for each worker; ` +
        `give at least --conns=${workers} --clients=${workers}, or fewer workers`,
    );
  }
  return {
    connections,
    clients,
    workers,
    transport: choiceOf(flags, "transport", ["wire", "grpc-js"]),
    timeoutMs: parseDurationMs("--timeout", textOf(flags, "timeout"), {
      min: 1,
      max: MAX_TIMEOUT_MS,
      example: DEFAULTS.timeout,
    }),
    dialTimeoutMs: dialTimeoutOf(flags),
    seed: countOf(flags, "seed", 0xffffffff, 0),
  };
}

/** As upstream, 0 is the default of whoever opens the connection. */
function dialTimeoutOf(flags: PlanFlags): number | null {
  const text = textOf(flags, "dial-timeout");
  if (isZeroDuration(text)) return null;
  return parseDurationMs("--dial-timeout", text, { min: 1, max: MAX_TIMEOUT_MS, example: "2s" });
}

export function pacingOf(flags: PlanFlags, note: (line: string) => void): RunPlan["pacing"] {
  const ratePerSec = parseRatePerSec("--rate", textOf(flags, "rate"), {
    max: MAX_RATE_PER_SEC,
    example: "5000",
  });
  for (const name of ["arrival", "pacing"] as const) {
    if (ratePerSec === 0 && flags[name] !== undefined) {
      note(`--${name} has no effect without --rate: each client sends when its answer has come`);
    }
  }
  return {
    ratePerSec: ratePerSec === 0 ? null : ratePerSec,
    arrival: choiceOf(flags, "arrival", ["constant", "poisson"]),
    wait: choiceOf(flags, "pacing", ["nap", "spin", "timer"]),
  };
}

export function limitsOf(flags: PlanFlags, needsNone: boolean): RunPlan["limits"] {
  const hasDuration = flags.duration !== undefined;
  const durationMs = hasDuration
    ? parseDurationMs("--duration", flags.duration!, {
        min: 1,
        max: MAX_DURATION_MS,
        example: "30s",
      })
    : null;
  // A duration alone lifts upstream's default total; naming both means whichever comes first.
  const totalRequests =
    (hasDuration || needsNone) && flags.total === undefined
      ? null
      : countOf(flags, "total", Number.MAX_SAFE_INTEGER);
  return { totalRequests, durationMs, ...warmupOf(textOf(flags, "warmup")) };
}

function warmupOf(text: string): Pick<RunPlan["limits"], "warmupRequests" | "warmupMs"> {
  const none = { warmupRequests: null, warmupMs: null };
  if (isZeroDuration(text)) return none;
  if (readCount(text) !== null) {
    return { ...none, warmupRequests: parseCount("--warmup", text, { min: 1, example: "10k" }) };
  }
  if (!/\d/.test(text) || !/[smh]$/.test(text)) {
    throw badValue("--warmup", text, "a duration (with its unit) or a number of requests", "10s");
  }
  const bounds = { min: 1, max: MAX_DURATION_MS, example: "10s" };
  return { ...none, warmupMs: parseDurationMs("--warmup", text, bounds) };
}
