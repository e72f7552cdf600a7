/** Checks before a run that writes whether its puts fit etcd's backend quota. */
import { usageError } from "../../errors.ts";
import { type BackendRoom, readBackendRoom } from "../../etcd/backend-room.ts";
import type { ControlAccess } from "../../etcd/control-client.ts";
import type { TargetInfo } from "../../etcd/inspect.ts";
import { memberNames } from "../../etcd/local-cluster/placement.ts";
import { plannedEvents } from "../../events/catalogue.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { bytesOf, type PlannedWrites } from "../../plan/written-bytes.ts";
import { formatDuration } from "../../units.ts";
import { workloadNamed } from "../../workloads/catalogue.ts";
import { plannedWrites } from "../../workloads/planned-writes.ts";

/** Sixteen pages of etcd's database: its file grows in larger steps, so less is not checked. */
const LEAST_BYTES = 64 * 1024;
const VAL_SIZE = "val-size";
/** Of every etcd 3, where --quota-backend-bytes is absent or 0. */
export const DEFAULT_QUOTA_BYTES = 2 * 1024 ** 3;

/**
 * Resolves to notes. A quota that no member tells is no reason to refuse.
 * @throws BenchError (usage) with the arithmetic where the writes would pass the quota, unless the
 *   plan is to go on.
 */
export async function checkQuota(
  plan: RunPlan,
  target: TargetInfo,
  access: ControlAccess,
): Promise<string[]> {
  const writes = writesToCheck(plan);
  if (writes === null) return [];
  const rooms = await readBackendRoom(target.members, plan.target.metricsEndpoints, access);
  return refuseExcess(plan, writes, rooms);
}

/**
 * Resolves to notes.
 * @param isWriting whether the run puts anything, set-up included
 * @throws BenchError (usage) where etcd is out of space and takes no writes, unless the plan is to go on
 */
export function checkSpace(
  { target: { ignoresQuota } }: RunPlan,
  { outOfSpace = [] }: TargetInfo,
  isWriting: boolean,
): string[] {
  if (!isWriting || outOfSpace.length === 0) return [];
  const why = `etcd takes no writes, as ${outOfSpace.join(", ")} reports the alarm NOSPACE`;
  if (ignoresQuota) return [`Went on with --force, although ${why}.`];
  throw usageError(
    `${why}: compact and defragment it, and disarm the alarm (etcdctl alarm disarm), or give --force`,
  );
}

/**
 * Of a cluster that is to be started, which is empty.
 * @throws BenchError as `checkQuota`
 */
export function checkQuotaOfEmpty(plan: RunPlan): void {
  const writes = writesToCheck(plan);
  const { local } = plan.target;
  const quotaBytes = local === null ? null : quotaOfArgs(local.serverArgs);
  if (writes === null || local === null || quotaBytes === null) return;
  const [first = ""] = memberNames(local.members);
  refuseExcess(plan, writes, [{ member: first, quotaBytes, sizeBytes: 0, inUseBytes: 0 }]);
}

/** Null: not known, or none. */
function quotaOfArgs(args: readonly string[]): number | null {
  // With a file etcd takes no flag.
  if (args.some((arg) => /^--?config-file\b/.test(arg))) return null;
  const last = args.findLast((arg) => /^--?quota-backend-bytes\b/.test(arg));
  if (last === undefined) return DEFAULT_QUOTA_BYTES;
  const given = /=(\d+)$/.exec(last)?.[1];
  return given === undefined ? null : Number(given) || DEFAULT_QUOTA_BYTES;
}

/** Null where they always fit, or are not known beforehand. */
function writesToCheck(plan: RunPlan): PlannedWrites | null {
  // How much is stored at once is not known beforehand where events free space meanwhile.
  if (plannedEvents(plan.maintenance).some(({ event }) => event.makesRoom)) return null;
  const writes = plannedWrites(plan);
  return writes === null || bytesOf(writes).all < LEAST_BYTES ? null : writes;
}

function refuseExcess(
  plan: RunPlan,
  writes: PlannedWrites,
  rooms: readonly BackendRoom[],
): string[] {
  const excess = quotaExcess(writes, rooms);
  if (excess === null) return [];
  if (plan.target.ignoresQuota) return [`Went on with --force, although ${excess}.`];
  const flags = flagsThatLower(plan, writes).map((name) => `--${name}`);
  const last = flags.pop();
  const lower = flags.length === 0 ? last : `${flags.join(", ")} or ${last}`;
  throw usageError(
    `${excess}; ${last === undefined ? "" : `lower ${lower}, `}start etcd with a larger ` +
      "--quota-backend-bytes, or give --force",
  );
}

/** Names of those without which this plan would write less. */
function flagsThatLower(plan: RunPlan, writes: PlannedWrites): string[] {
  const { limits, pacing, workload } = plan;
  const { all } = bytesOf(writes);
  const isLessWith = (change: Partial<RunPlan>) => {
    const less = plannedWrites({ ...plan, ...change });
    return less === null || bytesOf(less).all < all;
  };
  const { durationMs, totalRequests } = limits;
  const { ratePerSec } = pacing;
  const names = [
    totalRequests !== null && isLessWith({ limits: { ...limits, totalRequests: 1 } }) && "total",
    durationMs !== null && isLessWith({ limits: { ...limits, durationMs: 1 } }) && "duration",
    // Of a search it is that of one step.
    plan.search === null &&
      ratePerSec !== null &&
      isLessWith({ pacing: { ...pacing, ratePerSec: ratePerSec / 1_000 } }) &&
      "rate",
    ...(writes.loweredBy ?? []),
    writes.puts > 0 &&
      workloadNamed(workload.kind).flags.some(({ name }) => name === VAL_SIZE) &&
      VAL_SIZE,
  ];
  return names.filter((name) => name !== false);
}

/** Why the writes do not fit, with the arithmetic; null where they fit everywhere. */
export function quotaExcess(writes: PlannedWrites, rooms: readonly BackendRoom[]): string | null {
  const bytes = bytesOf(writes);
  // etcd takes no write once the file has reached the quota, whatever is free in it.
  const used = ({ quotaBytes, sizeBytes, inUseBytes }: BackendRoom) =>
    sizeBytes >= quotaBytes ? sizeBytes : inUseBytes;
  const full = rooms.find((room) => used(room) + bytes.all > room.quotaBytes);
  if (full === undefined) return null;
  const parts = [writes, ...(writes.further ?? [])].flatMap(describeWrites);
  const { compactIntervalMs } = writes;
  const held =
    compactIntervalMs === undefined
      ? ""
      : `, which is what it holds at one time where it compacts every ` +
        `${formatDuration(compactIntervalMs)} what is older than that`;
  return (
    `${parts.join(", ")}, ${size(bytes.all)} in all${held}, and ${full.member} has ` +
    `${size(used(full))} in use of its backend quota of ${size(full.quotaBytes)}`
  );
}

function describeWrites(writes: PlannedWrites): string[] {
  const { puts, deletes, keySizeBytes, valSizeBytes, valueSize, of } = writes;
  const bytes = bytesOf(writes);
  const parts: string[] = [];
  if (puts > 0) {
    const objects = of === undefined ? "" : `${of} with `;
    const mean = valueSize === null ? "" : " on average";
    parts.push(
      `${count(puts)} puts of ${objects}${keySizeBytes} + ${valSizeBytes} bytes${mean} take about ` +
        `${size(bytes.eachPut)} each in the database`,
    );
  }
  if (deletes > 0) {
    parts.push(
      `${count(deletes)} revisions without a value, such as deletes leave, about ` +
        `${size(bytes.eachDelete)} each`,
    );
  }
  return parts;
}

function count(whole: number): string {
  return whole.toLocaleString("en-US");
}

/** Decimal units and three digits: enough for arithmetic that a user checks. */
function size(bytes: number): string {
  for (const [unit, unitBytes] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ] as const) {
    if (bytes >= unitBytes) return `${Number((bytes / unitBytes).toPrecision(3))} ${unit}`;
  }
  return `${Math.round(bytes)} B`;
}
