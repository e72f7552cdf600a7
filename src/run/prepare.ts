/**
 * Finds out and does what must be known and done on the server before any load: which cluster this
 * is, whether it takes what the run writes, and what the workload itself prepares.
 */
import type { ControlAccess } from "../etcd/control-client.ts";
import { inspectTarget, type TargetInfo } from "../etcd/inspect.ts";
import type { OwnCluster } from "../events/definition.ts";
import type { EndpointName } from "../load/messages.ts";
import type { RunPlan } from "../plan/schema.ts";
import { workloadNamed } from "../workloads/catalogue.ts";
import { proxyNotes } from "../workloads/parts/through-grpc-proxy.ts";
import type { KeysToCheck, Preparation, PreparedLoad } from "../workloads/preparation.ts";
import { readRevision } from "./clean-up.ts";
import { checkEvents } from "./events.ts";
import { isOfLoad } from "./operation-series.ts";
import { checkConnections } from "./prepare/connections.ts";
import { checkGateway } from "./prepare/gateway-check.ts";
import { checkMaintenance, checkPermissions } from "./prepare/permissions.ts";
import { checkQuota, checkSpace } from "./prepare/quota.ts";
import { checkThresholdSeries } from "./threshold-series.ts";

export interface Prepared extends PreparedLoad {
  /** How to get in, from now on too; absent: without TLS and without a user. */
  access?: ControlAccess;
  target: TargetInfo;
  /** The processes of a cluster that bench started; absent or null: it started none. */
  cluster?: OwnCluster | null;
  notes: string[];
  /** Before the run's first write; null or absent: nothing is to be cleaned. */
  sinceRevision?: number | null;
}

/** Of each look at an endpoint; a longer --dial-timeout lengthens it. */
const PROBE_MS = 5_000;
const NOTHING_TO_CHECK: KeysToCheck = { written: [], read: [] };

export async function prepare(
  plan: RunPlan,
  access: ControlAccess,
  cluster: OwnCluster | null = null,
): Promise<Prepared> {
  const target = await lookAtTarget(plan, access);
  const { notes: found, sinceRevision } = await checkAgainstTarget(plan, target, access, cluster);
  const endpoints = endpointsApart(plan, target);
  const notes = [...target.notes, ...found];
  if (access.tokens !== null && (await access.tokens.token()) === null) {
    notes.push("--user has no effect: authentication is not enabled in etcd.");
  }
  // Last of all, since it writes: what is refused has left nothing on the server.
  const prepared = await prepareWorkload(plan, target, notes, access);
  const operations =
    endpoints === null
      ? prepared.operations
      : prepared.operations.map((each) => (isOfLoad(each) ? { ...each, apart: endpoints } : each));
  return { ...prepared, operations, access, cluster, sinceRevision };
}

/** @throws BenchError as `inspectTarget` */
export async function lookAtTarget(plan: RunPlan, access: ControlAccess): Promise<TargetInfo> {
  const preparation = await preparationOf(plan);
  return inspectTarget({
    endpoints: plan.target.endpoints,
    leaderOnly: plan.target.leaderOnly,
    needsLeader: preparation.needsLeader?.(plan.workload) ?? true,
    timeoutMs: Math.max(PROBE_MS, plan.load.dialTimeoutMs ?? 0),
    access,
  });
}

/**
 * Writes nothing, so that a suite asks it of all its cells before the first.
 * @returns notes, and with --cleanup the revision before the run's first write
 * @throws BenchError (usage) where the cluster does not have what thresholds or events name, does not
 *   let this user in to the run's keys, or has no room for them or for its connections
 */
export async function checkAgainstTarget(
  plan: RunPlan,
  target: TargetInfo,
  access: ControlAccess,
  cluster: OwnCluster | null,
): Promise<{ notes: string[]; sinceRevision: number | null }> {
  checkThresholdSeries(plan, await plannedSeries(plan, target), endpointsApart(plan, target));
  checkEvents(plan, target, cluster);
  const sinceRevision = plan.cleanup ? await readRevision(plan, target.endpoints, access) : null;
  await checkGateway(plan, target.endpoints, access);
  await checkConnections(plan, target, access);
  const preparation = await preparationOf(plan);
  const keys = preparation.keysToCheck?.(plan.workload) ?? NOTHING_TO_CHECK;
  const notes = [
    ...checkSpace(plan, target, keys.written.length > 0),
    ...(await checkQuota(plan, target, access)),
  ];
  await checkPermissions(plan, keys, target.endpoints, access);
  await preparation.check?.(plan.workload, { plan, target, access });
  await checkMaintenance(plan, target.endpoints, access);
  return { notes, sinceRevision };
}

/**
 * Those whose requests are recorded apart: of the load, and of all members, to which some loads have
 * connections of their own. Null: of none.
 */
function endpointsApart(
  { judge }: RunPlan,
  { endpoints, members, memberIdOf }: TargetInfo,
): EndpointName[] | null {
  if (judge.by === null) return null;
  const all = new Set([...endpoints, ...members.flatMap(({ endpoint }) => endpoint || [])]);
  return [...all].map((endpoint) => {
    const id = memberIdOf?.get(endpoint);
    const found = members.find((each) => each.id === id || each.endpoint === endpoint);
    return { endpoint, member: found?.name ?? null };
  });
}

/** Puts, grants and looks up what the workload needs on a target that is known. */
export async function prepareWorkload(
  plan: RunPlan,
  target: TargetInfo,
  notes: string[],
  access: ControlAccess,
): Promise<Prepared> {
  const preparation = await preparationOf(plan);
  const note = (text: string) => notes.push(text);
  const load = await preparation.prepare(plan.workload, { plan, target, access, note });
  // With --target-leader the load goes to the leader, whatever was named.
  if (target.endpoints.some((endpoint) => target.grpcProxies?.includes(endpoint))) {
    notes.push(...proxyNotes(preparation.proxyAnswers?.(plan.workload) ?? []));
  }
  return { target, notes, ...load };
}

/** The series of the result, without those outside the clock. */
export async function plannedSeries(plan: RunPlan, target: TargetInfo): Promise<readonly string[]> {
  const preparation = await preparationOf(plan);
  return preparation.series(plan.workload, { plan, target });
}

function preparationOf({ workload }: RunPlan): Promise<Preparation> {
  return workloadNamed(workload.kind).preparation();
}
