/**
 * Checks what is known of a run before its etcd is: a name that no series or member has is refused
 * before a cluster is started, and before the first run of a suite. So are writes that do not fit it.
 */
import { memberNames } from "../../etcd/local-cluster/placement.ts";
import {
  checkEventsHere,
  checkEventsWithoutCluster,
  checkEventTargets,
} from "../../events/catalogue.ts";
import type { EventSite } from "../../events/definition.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { workloadNamed } from "../../workloads/catalogue.ts";
import { checkThresholdSeries } from "../threshold-series.ts";
import { plannedShortage } from "./planned-streams.ts";
import { checkQuotaOfEmpty } from "./quota.ts";

type LocalPlan = NonNullable<RunPlan["target"]["local"]>;

/** @throws BenchError (usage) that names the flag, or where the writes do not fit a cluster that is started */
export async function checkBeforeTarget(plan: RunPlan): Promise<void> {
  const { local, cluster } = plan.target;
  checkEventsHere(plan.maintenance);
  if (local !== null) checkEventTargets(plan.maintenance, siteOf(local));
  else if (cluster === null) checkEventsWithoutCluster(plan.maintenance);
  await checkSeries(plan);
  await checkOperations(plan);
  checkQuotaOfEmpty(plan);
}

/** What the workload finds of its load alone, and of the flags of a cluster that is to be started. */
async function checkOperations(plan: RunPlan): Promise<void> {
  const { local, endpoints: named } = plan.target;
  const endpoints = local === null ? named : memberNames(local.members);
  const target = {
    ...{ endpoints, clusterId: null, version: null, members: [], notes: [] },
    ...(local?.grpcProxy && { grpcProxies: endpoints }),
  };
  const limit = local === null ? null : streamsOfArgs(local.serverArgs);
  const shortage = await plannedShortage(
    { ...plan, target: { ...plan.target, endpoints } },
    target,
    limit === null ? null : async () => limit,
  );
  if (shortage !== null) throw shortage;
}

/** Null: not known, or no limit of its own. */
function streamsOfArgs(args: readonly string[]): number | null {
  const last = args.findLast((arg) => /^--?max-concurrent-streams=\d+$/.test(arg));
  return last === undefined ? null : Number(last.split("=")[1]);
}

/** A cluster that is to be started, where its members have no addresses yet. */
function siteOf({ members, proxied }: LocalPlan): EventSite {
  const names = memberNames(members);
  return {
    members: names.map((name) => ({ id: "", name, endpoint: "", isLeader: null })),
    cluster: {
      members: names.map((name) => ({ name, running: true })),
      proxies: () => (proxied ? {} : null),
    },
  };
}

/** Series that have the names of members are known of a cluster that bench starts. */
async function checkSeries(plan: RunPlan): Promise<void> {
  const { target, workload } = plan;
  const { local } = target;
  const names = local === null || local.grpcProxy ? null : memberNames(local.members);
  const preparation = await workloadNamed(workload.kind).preparation();
  if (names === null && preparation.hasSeriesOfMembers === true) return;
  const endpoints = names ?? target.endpoints;
  const series = preparation.series(workload, {
    plan: { ...plan, target: { ...target, endpoints } },
    target: { endpoints, clusterId: null, version: null, members: [], notes: [] },
  });
  const apart = names?.map((endpoint) => ({ endpoint, member: null })) ?? "not-known";
  checkThresholdSeries(plan, series, plan.judge.by === null ? null : apart);
}
