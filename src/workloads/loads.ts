/**
 * The loads by the kind of their operations. A new one is a line here. Only those of a run are loaded: each
 * thread has modules of its own, and begins sooner without the others.
 */
import type { Load, LoadContext, Loads } from "../load/load.ts";
import type { OperationSpec } from "../load/messages.ts";
import type { Workload } from "../load/workload.ts";
import { headerRevision } from "./parts/calls/header-revision.ts";
import { writeRequestKey } from "./parts/calls/request-key.ts";
import { singleCalls } from "./parts/calls/single-calls.ts";
import { Range } from "./range/range.ts";

const LOAD_BY_KIND: Readonly<Record<string, () => Promise<Load>>> = {
  put: async () => (await import("./put/load.ts")).putLoad,
  range: async () => (await import("./range/load.ts")).rangeLoad,
  "range-key": async () => (await import("./parts/keys/range-key.ts")).rangeKeyLoad,
  "txn-put": async () => (await import("./txn-put/load.ts")).txnPutLoad,
  "txn-mixed": async () => (await import("./txn-mixed/load.ts")).txnMixedLoad,
  delete: async () => (await import("./delete/load.ts")).deleteLoad,
  mixed: async () => (await import("./mixed/load.ts")).mixedLoad,
  "kubernetes-fill": async () => (await import("./kubernetes/loads.ts")).fillLoad,
  "kubernetes-watch": async () => (await import("./kubernetes/loads.ts")).watchesLoad,
  kubernetes: async () => (await import("./kubernetes/loads.ts")).requestsLoad,
  stm: async () => (await import("./stm/load.ts")).stmLoad,
  contend: async () => (await import("./parts/contention/contend-load.ts")).contendLoad,
  "lease-grant": async () => (await import("./lease-grant/load.ts")).leaseGrantLoad,
  "lease-keepalive": async () => (await import("./lease-keepalive/load.ts")).leaseKeepaliveLoad,
  "watch-create": async () => (await import("./parts/watching/load.ts")).watchCreateLoad,
  "watch-put": async () => (await import("./parts/watching/load.ts")).watchPutLoad,
  "watch-get": async () => (await import("./watch-get/load.ts")).watchGetLoad,
  staleness: async () => (await import("./staleness/load.ts")).stalenessLoad,
  availability: async () => (await import("./availability/load.ts")).availabilityLoad,
};

/** Never written by any run: reading it warms connections and code, and changes nothing. */
const PATH_WARMUP_KEY = "\0etcd-bench path warm-up";

/** @throws where no load is of a kind: main thread and worker are of different versions */
export async function loadsOf(operations: readonly OperationSpec[]): Promise<Loads> {
  const loads = new Map<string, Load>();
  for (const { kind } of operations) {
    const load = LOAD_BY_KIND[kind];
    if (load === undefined) throw new Error(`no load is of the kind ${kind}`);
    loads.set(kind, await load());
  }
  const reader = { writeKey: writeRequestKey, revision: headerRevision };
  return { of: ({ kind }) => loads.get(kind)!, pathWarmup, reader };
}

function pathWarmup(context: LoadContext): Workload {
  const key = Buffer.from(PATH_WARMUP_KEY, "utf8");
  const request = { key, end: null, consistency: "serializable" } as const;
  const clients = context.share.clientConnections.length;
  return singleCalls(new Range(request, clients, context.transport), context);
}
