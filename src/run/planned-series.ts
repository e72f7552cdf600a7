/**
 * Owns which series the result of a plan is going to have: known before anything is written, so that
 * a threshold of another can be refused.
 */

import type { TargetInfo } from "../etcd/inspect.ts";
import { contendSeries } from "../load/workload/contend-requests.ts";
import { leaseGrantSeries } from "../load/workload/lease-grant.ts";
import { mixedSeries } from "../load/workload/mixed.ts";
import { stmSeries } from "../load/workload/stm.ts";
import { WATCH_GET_SERIES } from "../load/workload/watch-get.ts";
import type { RunPlan } from "../plan/schema.ts";
import { kubernetesSeries } from "../plan/workload/kubernetes.ts";
import { rangeSeries, TXN_MIXED_SERIES } from "./prepare/key-space.ts";
import { stalenessSeriesOf } from "./prepare/staleness.ts";
import { WATCH_CREATE_SERIES, WATCH_PUT_SERIES } from "./prepare/watch.ts";

/** Without what is sent outside the clock. */
export function plannedSeries(
  plan: RunPlan,
  target: Pick<TargetInfo, "members" | "memberIdOf">,
): readonly string[] {
  const { workload } = plan;
  switch (workload.kind) {
    case "put":
    case "txn-put":
    case "delete":
    case "lease-keepalive":
      return [workload.kind];
    case "range":
      return workload.consistency.flatMap((each) => rangeSeries(workload, each));
    case "txn-mixed":
      return TXN_MIXED_SERIES;
    case "mixed":
      return mixedSeries(workload);
    case "stm":
      return stmSeries(workload);
    case "lock":
    case "election":
      return contendSeries(workload);
    case "lease-grant":
      return leaseGrantSeries(workload);
    case "watch":
    case "watch-latency":
      return [...WATCH_CREATE_SERIES, ...WATCH_PUT_SERIES];
    case "watch-get":
      return WATCH_GET_SERIES;
    case "staleness":
      return stalenessSeriesOf(plan, target);
    case "kubernetes":
      return [...WATCH_CREATE_SERIES, ...kubernetesSeries(workload)];
  }
}
