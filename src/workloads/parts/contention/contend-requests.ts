/**
 * Describes what lock and election contend for, the series that they record, and the slots that they
 * take beyond those of the clients.
 */
import { seriesHandles } from "../../../load/series-handles.ts";
import type { WorkerShare } from "../../../plan/shares.ts";
import type { ElectionWorkload } from "../../election/schema.ts";
import type { LockWorkload } from "../../lock/schema.ts";

export interface ContendRequests {
  plan: LockWorkload | ElectionWorkload;
  /** What is contended for, by number; client k contends for k mod their count. */
  names: readonly string[];
  /** Decimal ids, by the client's number in the whole run. */
  leases: readonly string[];
  /** Of a ContentionBoard. */
  board: SharedArrayBuffer;
  /** Of the whole run. */
  workers: number;
}

const HANDLES = seriesHandles("whole", "acquire", "handOver", "release", "observe", "proclaim");

export const {
  acquire: ACQUIRE,
  handOver: HAND_OVER,
  release: RELEASE,
  observe: OBSERVE,
  proclaim: PROCLAIM,
} = HANDLES.numbers;

export function contendSeries(plan: LockWorkload | ElectionWorkload): string[] {
  if (plan.kind === "lock") {
    return HANDLES.names({
      ...{ whole: "lock", acquire: "lock-acquire", release: "lock-release" },
      ...{ handOver: "lock-hand-over", observe: null, proclaim: null },
    });
  }
  return HANDLES.names({
    ...{ whole: "election", acquire: "election-campaign", release: "election-resign" },
    ...{ handOver: "election-hand-over", observe: "election-observe" },
    proclaim: plan.proclaims > 0 ? "election-proclaim" : null,
  });
}

/**
 * The connections of the slots beyond the clients': one for the keep-alives of each, one for the
 * check of the order, and one for each observer.
 */
export function contendSlotConnections(requests: ContendRequests, share: WorkerShare): number[] {
  const connections = share.connectionEndpoints.length;
  const observers = observedNames(requests, share).length;
  return [
    ...Array.from({ length: connections }, (_, connection) => connection),
    0,
    ...Array.from({ length: observers }, (_, observer) => observer % connections),
  ];
}

/** Of those, the connections of the slots whose streams stay open: all but the check's. */
export function contendHeldConnections(requests: ContendRequests, share: WorkerShare): number[] {
  const check = share.connectionEndpoints.length;
  return contendSlotConnections(requests, share).filter((_, slot) => slot !== check);
}

/** Each election is one worker's to observe. */
export function observedNames(
  { plan, names, workers }: ContendRequests,
  { workerIndex }: WorkerShare,
): string[] {
  if (plan.kind !== "election") return [];
  return names.filter((_, index) => index % workers === workerIndex);
}
