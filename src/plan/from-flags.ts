/**
 * Owns the way from the flags of one command line to a RunPlan in which every default is written.
 * Pure: called by cli/ before anything is started, so a bad value costs nothing but its one line.
 */
import { usageError } from "../errors.ts";
import {
  ACCESS_FLAGS,
  localAuthOf,
  refuseWithoutLocal,
  tlsFromFlags,
  userFromFlags,
} from "./access-from-flags.ts";
import { DEFAULTS } from "./defaults.ts";
import { parseEndpointList, parseMetricsEndpoints } from "./endpoints.ts";
import { foregroundOf, type ImpactCommand, impactFlags } from "./impact.ts";
import { labelsOf } from "./labels.ts";
import { maintenanceFromFlags } from "./maintenance.ts";
import { choiceOf, countOf, type PlanFlags, textOf } from "./plan-flags.ts";
import type { RunPlan, Search, Workload } from "./schema.ts";
import { searchFromFlags, VERIFICATION_DURATION } from "./search-from-flags.ts";
import { workersOf } from "./shares.ts";
import { parseThreshold } from "./threshold.ts";
import {
  badValue,
  parseCount,
  parseDurationMs,
  parseRatePerSec,
  readCount,
  readFraction,
} from "./units.ts";
import { deleteFromFlags } from "./workload/delete.ts";
import { electionFromFlags } from "./workload/election.ts";
import { kubernetesFlags, kubernetesFromFlags } from "./workload/kubernetes-flags.ts";
import { leaseGrantFromFlags } from "./workload/lease-grant.ts";
import { leaseKeepaliveFromFlags } from "./workload/lease-keepalive.ts";
import { lockFromFlags } from "./workload/lock.ts";
import { mixedFromFlags } from "./workload/mixed.ts";
import { stalenessFlags, stalenessFromFlags } from "./workload/staleness.ts";
import { stmFromFlags } from "./workload/stm.ts";
import { txnMixedFromFlags } from "./workload/txn-mixed.ts";
import { txnPutFromFlags } from "./workload/txn-put.ts";
import { watchFlags, watchFromFlags } from "./workload/watch.ts";
import { watchGetFromFlags } from "./workload/watch-get.ts";
import { putFromFlags, rangeFromFlags } from "./workload-from-flags.ts";

const MAX_CONNECTIONS = 100_000;
const MAX_CLIENTS = 1_000_000;
const MAX_WORKERS = 1024;
const MAX_RATE_PER_SEC = 10_000_000;
/** Node's timers end at 2^31 ms, which is 596 hours. */
const MAX_DURATION_MS = 500 * 3_600_000;
const MAX_TIMEOUT_MS = 3_600_000;

export type Invocation =
  | { command: ImpactCommand; flags: PlanFlags }
  | { command: "watch" | "watch-latency"; flags: PlanFlags }
  | { command: "watch-get"; flags: PlanFlags }
  | { command: "staleness"; flags: PlanFlags }
  | { command: "put"; flags: PlanFlags }
  | { command: "lease-grant"; flags: PlanFlags }
  | { command: "stm"; flags: PlanFlags }
  | { command: "lock"; flags: PlanFlags }
  | { command: "election"; flags: PlanFlags }
  | { command: "lease-keepalive"; flags: PlanFlags }
  | { command: "range"; flags: PlanFlags; key: string | null; end: string | null }
  | { command: "txn-put"; flags: PlanFlags }
  | { command: "delete"; flags: PlanFlags }
  | { command: "mixed"; flags: PlanFlags }
  | { command: "kubernetes"; flags: PlanFlags }
  | { command: "txn-mixed"; flags: PlanFlags; key: string | null; end: string | null };

export interface PlannedRun {
  plan: RunPlan;
  /** What the person should know although the run goes on; a sentence each. */
  notes: string[];
}

/** Throws a usage error (exit 2) in one line for the first value that cannot be used. */
export function planFromFlags(given: Invocation, env: NodeJS.ProcessEnv): PlannedRun {
  const invocation = withOwnDefaults(given);
  const { flags } = invocation;
  const notes: string[] = [];
  const note = (line: string) => notes.push(line);
  const target = targetOf(flags, env, note);
  const load = loadOf(flags, note, usesAllConnections(invocation));
  const search = searchFromFlags(given.flags, note);
  const pacing = pacingOf(
    search === null ? flags : { ...flags, rate: textOf(flags, "find-start") },
    note,
  );
  const limits = limitsOf(
    search === null
      ? flags
      : { ...flags, total: undefined, duration: flags.duration ?? VERIFICATION_DURATION },
    // It ends by itself.
    invocation.command === "watch-get",
  );
  const workload = workloadOf(invocation, limits, load, note);
  // A search's steps last as long as they need.
  const durationMs = search === null ? limits.durationMs : null;
  // The API servers of kubernetes compact by themselves.
  const compacts = invocation.command === "kubernetes";
  const maintained = compacts ? { ...flags, "compact-interval": undefined } : flags;
  const maintenance = maintenanceFromFlags(maintained, durationMs, note);
  const judge = judgeOf(flags, search);
  const labels = labelsOf(flags.label ?? []);
  const cleanup = flags.cleanup ?? false;
  const settings = { target, workload, load, pacing, limits };
  const plan = { ...settings, maintenance, judge, search, labels, cleanup };
  return { plan, notes };
}

/** The flags of a command of which some shared flags have other defaults. */
function withOwnDefaults(invocation: Invocation): Exclude<Invocation, { command: ImpactCommand }> {
  const { command, flags } = invocation;
  switch (command) {
    case "compact":
    case "defrag":
      return { command: foregroundOf(flags), flags: impactFlags(command, flags) };
    case "watch":
    case "watch-latency":
      return { ...invocation, flags: watchFlags(command, flags) };
    case "kubernetes":
      return { ...invocation, flags: kubernetesFlags(flags) };
    case "staleness":
      return { ...invocation, flags: stalenessFlags(flags) };
    default:
      return invocation;
  }
}

/** Watches go over all connections, whether a client uses them or not. */
function usesAllConnections({ command }: Pick<Invocation, "command">): boolean {
  return command.startsWith("watch") || command === "kubernetes";
}

function workloadOf(
  invocation: ReturnType<typeof withOwnDefaults>,
  limits: RunPlan["limits"],
  load: RunPlan["load"],
  note: (line: string) => void,
): Workload {
  const { command, flags } = invocation;
  const { totalRequests } = limits;
  switch (command) {
    case "put":
      return putFromFlags(flags, totalRequests, note);
    case "range":
      return rangeFromFlags(flags, invocation.key, invocation.end, note);
    case "watch":
    case "watch-latency":
      return watchFromFlags(command, flags, load, note);
    case "watch-get":
      return watchGetFromFlags(flags, note);
    case "txn-put":
      return txnPutFromFlags(flags, note);
    case "delete":
      return deleteFromFlags(flags, totalRequests, note);
    case "mixed":
      return mixedFromFlags(flags, { limits, load }, note);
    case "kubernetes":
      return kubernetesFromFlags(flags, load, note);
    case "txn-mixed":
      return txnMixedFromFlags(flags, invocation.key, invocation.end, note);
    case "lease-grant":
      return leaseGrantFromFlags(flags, load.timeoutMs, note);
    case "staleness":
      return stalenessFromFlags(flags, load, note);
    case "stm":
      return stmFromFlags(flags, note);
    case "lock":
      return lockFromFlags(flags, load, note);
    case "election":
      return electionFromFlags(flags, load, note);
    case "lease-keepalive":
      return leaseKeepaliveFromFlags(flags);
  }
}

function targetOf(
  flags: PlanFlags,
  env: NodeJS.ProcessEnv,
  note: (line: string) => void,
): RunPlan["target"] {
  const leaderOnly = flags["target-leader"] ?? false;
  const ignoresQuota = flags.force ?? false;
  const metrics = flags["metrics-endpoints"];
  noteAutoSync(flags, note);
  if (flags.local === undefined) {
    if (flags.etcd !== undefined) note("--etcd has no effect without --local: nothing is started");
    refuseWithoutLocal(flags);
    // etcdctl takes an empty variable for none.
    const fromEnv = flags.endpoints === undefined && env.ETCDCTL_ENDPOINTS;
    const listName = fromEnv ? "ETCDCTL_ENDPOINTS" : "--endpoints";
    const { endpoints, scheme } = parseEndpointList(
      fromEnv || textOf(flags, "endpoints"),
      listName,
    );
    const tls = tlsFromFlags(flags, env, { scheme, listName }, note);
    const metricsEndpoints =
      metrics === undefined
        ? null
        : parseMetricsEndpoints(metrics, "--metrics-endpoints", tls === null ? "http" : "https");
    const user = userFromFlags(flags, env)?.name ?? null;
    return { endpoints, leaderOnly, metricsEndpoints, tls, user, local: null, ignoresQuota };
  }
  for (const name of ["endpoints", "metrics-endpoints", ...ACCESS_FLAGS] as const) {
    if (flags[name] !== undefined) {
      throw usageError(
        `--local and --${name} exclude each other: --local starts an etcd of its own for this run; give one of them`,
      );
    }
  }
  const members = ([1, 3, 5] as const).find((count) => String(count) === flags.local);
  if (members === undefined) throw badValue("--local", flags.local, "1, 3 or 5 members", "3");
  const local = { members, tls: flags.tls ?? false, auth: localAuthOf(flags), serverArgs: [] };
  return {
    endpoints: [],
    leaderOnly,
    metricsEndpoints: null,
    tls: null,
    user: null,
    local,
    ignoresQuota,
  };
}

function noteAutoSync(flags: PlanFlags, note: (line: string) => void): void {
  const text = textOf(flags, "auto-sync-interval");
  if (isZeroDuration(text)) return;
  parseDurationMs("--auto-sync-interval", text, { max: MAX_DURATION_MS, example: "30s" });
  note(
    "--auto-sync-interval has no effect: each connection stays with the endpoint that it was dealt, " +
      "so that members that join or leave in the middle do not move the load",
  );
}

function loadOf(
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

function pacingOf(flags: PlanFlags, note: (line: string) => void): RunPlan["pacing"] {
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

function limitsOf(flags: PlanFlags, needsNone: boolean): RunPlan["limits"] {
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

/** With or without a unit, as Go's durations. */
function isZeroDuration(text: string): boolean {
  return /^0+(ns|us|ms|s|m|h)?$/.test(text);
}

function judgeOf(flags: PlanFlags, search: Search | null): RunPlan["judge"] {
  const text = textOf(flags, "max-error-rate");
  const errorLimit = search?.limits.find(({ metric }) => metric === "errors");
  // What a search allows is no failure of its steps, unless the person says so.
  const isGiven = flags["max-error-rate"] !== undefined || errorLimit === undefined;
  const maxErrorRate = isGiven ? readFraction(text) : errorLimit.bound;
  if (maxErrorRate === null) {
    throw badValue("--max-error-rate", text, "a share from 0 to 1 or from 0% to 100%", "1%");
  }
  return {
    maxErrorRate,
    thresholds: (flags.threshold ?? []).map((each) => parseThreshold("--threshold", each)),
    strict: flags.strict ?? false,
    checkHashKv: flags["check-hashkv"] ?? false,
  };
}
