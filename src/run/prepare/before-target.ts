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
import { checkQuotaOfEmpty } from "./quota.ts";

type LocalPlan = NonNullable<RunPlan["target"]["local"]>;

/** @throws BenchError (usage) that names the flag, or where the writes do not fit a cluster that is started */
export async function checkBeforeTarget(plan: RunPlan): Promise<void> {
  const { local, cluster } = plan.target;
  checkEventsHere(plan.maintenance);
  if (local !== null) checkEventTargets(plan.maintenance, siteOf(local));
  else if (cluster === null) checkEventsWithoutCluster(plan.maintenance);
  await checkSeries(plan);
  checkQuotaOfEmpty(plan);
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
