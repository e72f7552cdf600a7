/** Prepares `bench availability`, and assesses its requests when it is over. */
import { randomBytes } from "node:crypto";
import { firstEndpoints } from "../../etcd/first-endpoints.ts";
import { assess, type Fault } from "../../failover/assess.ts";
import { brokenPromises } from "../../failover/broken-promises.ts";
import { dataFigures } from "../../failover/data-figures.ts";
import { outcomesOf } from "../../failover/outcomes.ts";
import { operation } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { keyRangeOf } from "../../plan/key-range.ts";
import type { RunPlan } from "../../plan/schema.ts";
import type { Availability } from "../../result/availability-schema.ts";
import { prepareLeases } from "../parts/leases/client-leases.ts";
import type { Preparation, PrepareContext, PreparedLoad, RecordedRun } from "../preparation.ts";
import { availabilitySeries, Groups } from "./groups.ts";
import type { AvailabilitySpec } from "./load.ts";
import { HELD_MS } from "./locks.ts";
import { readMembers } from "./read-back.ts";
import { keyOf } from "./request-kind.ts";
import type { AvailabilityWorkload } from "./schema.ts";

const LEASES_PER_ATTACHMENT = 10;
const SPARE_TTL_SECONDS = 120;
const SPARE_CONTENDERS = 32;
/** Of a lock that is free, over a slow disk. */
const USUAL_LOCK_MS = 80;

export const preparation: Preparation<AvailabilityWorkload> = {
  series: ({ operations }) => availabilitySeries(operations),
  prepare,
  plannedOperations: (workload, context) => [requestsOf(workload, context, { prefix: "" })],
  keysToCheck({ prefix }) {
    const keys = [keyOf(Buffer.from(prefix, "utf8"), 0)];
    return { written: keys, read: keys };
  },
  // Keys of locks go with the leases of the contenders.
  leaves: ({ operations, prefix }) =>
    operations.includes("put") && prefix !== ""
      ? keyRangeOf({ key: prefix, end: null, prefix: true })
      : null,
  proxyAnswers: ({ operations }) => [
    ...(operations.includes("range-serializable") ? (["serializable-reads"] as const) : []),
    ...(operations.includes("lease-keepalive") ? (["keep-alives"] as const) : []),
  ],
};

async function prepare(
  workload: AvailabilityWorkload,
  context: PrepareContext,
): Promise<PreparedLoad> {
  const { plan, target, access } = context;
  const { endpoints } = target;
  const groups = groupsOf(workload, target);
  // Of this run alone, so that what an earlier run put is not taken for its own.
  const prefix = `${workload.prefix}${randomBytes(4).toString("hex")}/`;
  const leased = workload.operations.includes("lease-keepalive")
    ? await prepareLeases(
        workload.ttlSeconds,
        LEASES_PER_ATTACHMENT * groups.attachments.length,
        endpoints,
        access,
      )
    : null;
  const contenders = workload.operations.includes("lock")
    ? await prepareLeases(lockTtlSeconds(plan), contendersFor(plan, groups), endpoints, access)
    : null;
  const spec = requestsOf(workload, context, {
    prefix,
    leases: leased?.leases ?? [],
    lockLeases: contenders?.leases ?? [],
  });
  return {
    operations: [spec],
    assess: (recorded) => assessed(recorded, { workload, context, groups, prefix }),
    brokenPromises: (availability) => brokenPromises(dataFigures([{ availability, hashKv: null }])),
    async cleanUp() {
      const granted = [leased, contenders].filter((each) => each !== null);
      // Those of both say the same where all went well.
      return [...new Set((await Promise.all(granted.map(({ cleanUp }) => cleanUp()))).flat())];
    },
  };
}

function groupsOf({ operations }: AvailabilityWorkload, target: PrepareContext["target"]): Groups {
  return new Groups(operations, membersOf(target));
}

function endpointsOf({ endpoints, memberIdOf }: PrepareContext["target"]): string[] {
  return firstEndpoints(endpoints, memberIdOf);
}

function membersOf(target: PrepareContext["target"]) {
  return endpointsOf(target).map((endpoint) => memberAt(endpoint, target));
}

function requestsOf(
  workload: AvailabilityWorkload,
  { plan, target }: Pick<PrepareContext, "plan" | "target">,
  {
    prefix,
    leases = [],
    lockLeases = [],
  }: Pick<AvailabilitySpec["availability"], "prefix"> &
    Partial<Pick<AvailabilitySpec["availability"], "leases" | "lockLeases">>,
): OperationSpec {
  return operation<AvailabilitySpec>({
    series: availabilitySeries(workload.operations),
    kind: "availability",
    availability: {
      plan: workload,
      endpoints: endpointsOf(target),
      members: membersOf(target),
      prefix,
      leases,
      lockLeases,
      lockCallsAtOnce: lockCallsAtOnce(plan, groupsOf(workload, target)),
      timeoutMs: plan.load.timeoutMs,
    },
  });
}

/** Longer than the run, so that a contender's lease is there until its end. */
function lockTtlSeconds({ limits: { durationMs, totalRequests }, pacing }: RunPlan): number {
  const seconds = durationMs === null ? totalRequests! / pacing.ratePerSec! : durationMs / 1_000;
  return Math.ceil(seconds) + SPARE_TTL_SECONDS;
}

/** Each waits for etcd, and while another client has the lock. */
function lockCallsAtOnce({ pacing }: RunPlan, { requests, members }: Groups): number {
  const perMember = pacing.ratePerSec! / requests.length / members;
  return Math.ceil((perMember * (USUAL_LOCK_MS + HELD_MS)) / 1_000);
}

/** As many as may wait at once: all that are due within a timeout, if there are so many. */
function contendersFor({ limits, load, pacing }: RunPlan, groups: Groups): number {
  const requests = Math.min(
    (pacing.ratePerSec! * load.timeoutMs) / 1_000,
    limits.totalRequests ?? Number.POSITIVE_INFINITY,
  );
  return Math.ceil(requests / groups.requests.length) + SPARE_CONTENDERS;
}

interface Prepared {
  workload: AvailabilityWorkload;
  context: PrepareContext;
  groups: Groups;
  prefix: string;
}

async function assessed(
  { requests, originNs, events, stop }: RecordedRun,
  { workload, context: { plan, target, access }, groups, prefix }: Prepared,
): Promise<Availability> {
  const outcomes = outcomesOf(requests, originNs);
  const { ratePerSec } = plan.pacing;
  const perGroup = groups.requests.length * groups.attachments.length;
  return assess({
    outcomes,
    groups: groups.list,
    slowMs: workload.slowMs,
    spacingMs: (1_000 * perGroup) / ratePerSec!,
    fault: faultOf(events),
    members: workload.operations.includes("put")
      ? await readMembers({ target, access, prefix: Buffer.from(prefix, "utf8"), stop })
      : [],
    ttlSeconds: workload.ttlSeconds,
  });
}

/** The first thing that was done to the cluster, until the last of its kind was over. */
function faultOf(events: RecordedRun["events"]): Fault | null {
  const [first] = events.filter(({ durationSeconds }) => durationSeconds !== null);
  if (first === undefined) return null;
  const { kind, member, startSeconds, durationSeconds } = first;
  const startMs = 1_000 * startSeconds;
  return { kind, member, startMs, endMs: startMs + 1_000 * durationSeconds! };
}

function memberAt(endpoint: string, { members, memberIdOf }: PrepareContext["target"]): string {
  const id = memberIdOf?.get(endpoint);
  const found = members.find((each) => each.id === id || each.endpoint === endpoint);
  return found?.name || endpoint;
}
