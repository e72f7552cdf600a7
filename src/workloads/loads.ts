/** The loads that workers are handed. A new one is a line here. */
import type { Load, LoadContext, Loads } from "../load/load.ts";
import type { OperationSpec } from "../load/messages.ts";
import type { Workload } from "../load/workload.ts";
import { availabilityLoad } from "./availability/load.ts";
import { deleteLoad } from "./delete/load.ts";
import { fillLoad, requestsLoad, watchesLoad } from "./kubernetes/loads.ts";
import { leaseGrantLoad } from "./lease-grant/load.ts";
import { leaseKeepaliveLoad } from "./lease-keepalive/load.ts";
import { mixedLoad } from "./mixed/load.ts";
import { singleCalls } from "./parts/calls/single-calls.ts";
import { contendLoad } from "./parts/contention/contend.ts";
import { rangeKeyLoad } from "./parts/keys/range-key.ts";
import { watchCreateLoad, watchPutLoad } from "./parts/watching/load.ts";
import { putLoad } from "./put/load.ts";
import { rangeLoad } from "./range/load.ts";
import { Range } from "./range/range.ts";
import { stalenessLoad } from "./staleness/load.ts";
import { stmLoad } from "./stm/load.ts";
import { txnMixedLoad } from "./txn-mixed/load.ts";
import { txnPutLoad } from "./txn-put/load.ts";
import { watchGetLoad } from "./watch-get/load.ts";

const ALL: readonly Load[] = [
  putLoad,
  rangeLoad,
  rangeKeyLoad,
  txnPutLoad,
  txnMixedLoad,
  deleteLoad,
  mixedLoad,
  fillLoad,
  watchesLoad,
  requestsLoad,
  stmLoad,
  contendLoad,
  leaseGrantLoad,
  leaseKeepaliveLoad,
  watchCreateLoad,
  watchPutLoad,
  watchGetLoad,
  stalenessLoad,
  availabilityLoad,
];

const BY_KIND: ReadonlyMap<string, Load> = new Map(ALL.map((load) => [load.kind, load]));

/** Never written by any run: reading it warms connections and code, and changes nothing. */
const PATH_WARMUP_KEY = "\0etcd-bench path warm-up";

export const LOADS: Loads = {
  of({ kind }: OperationSpec): Load {
    const load = BY_KIND.get(kind);
    if (load === undefined) throw new Error(`no load is of the kind ${kind}`);
    return load;
  },
  pathWarmup(context: LoadContext): Workload {
    const key = Buffer.from(PATH_WARMUP_KEY, "utf8");
    const request = { key, end: null, consistency: "serializable" } as const;
    const clients = context.share.clientConnections.length;
    return singleCalls(new Range(request, clients, context.transport), context);
  },
};
