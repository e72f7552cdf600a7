/** Owns which workload serves which operation. */
import type { WorkerShare } from "../../plan/shares.ts";
import type { OperationSpec } from "../messages.ts";
import type { Transport } from "../transport.ts";
import { LeaseKeepalive } from "./lease-keepalive.ts";
import { Put } from "./put.ts";
import { Range } from "./range.ts";
import { type RequestSource, SingleCalls } from "./single-calls.ts";
import { TxnPut } from "./txn-put.ts";
import type { Operations, Workload } from "./workload.ts";

/** Never written by anyone: reading it warms connections and code, and changes nothing. */
export const PATH_WARMUP_KEY = "\0etcd-bench path warm-up";

/** What every workload is made with. */
export interface WorkloadContext {
  share: WorkerShare;
  seed: number;
  operations: Operations;
  transport: Transport;
  /** The first of the slots that the workload asked for in `extraSlotConnections`. */
  firstExtraSlot: number;
}

/**
 * The connections, as indices into the share's, of the slots that an operation needs beyond the one
 * of each client, for streams that stay open.
 */
export function extraSlotConnections(spec: OperationSpec, _share: WorkerShare): number[] {
  switch (spec.kind) {
    case "put":
    case "range":
    case "lease-keepalive":
    case "txn-put":
      return [];
  }
}

export function makeWorkload(spec: OperationSpec, context: WorkloadContext): Workload {
  const { seed, share, transport } = context;
  switch (spec.kind) {
    case "put":
      return singleCalls(new Put(spec.put, seed, share, transport), context);
    case "lease-keepalive":
      return new LeaseKeepalive(spec.keepalive, share.clientNumbers, context.operations, transport);
    case "range":
      return singleCalls(new Range(spec.range, transport), context);
    case "txn-put":
      return singleCalls(new TxnPut(spec.txnPut, seed, share, transport), context);
  }
}

export function pathWarmup(context: WorkloadContext): Workload {
  const key = Buffer.from(PATH_WARMUP_KEY, "utf8");
  const range = new Range({ key, end: null, consistency: "serializable" }, context.transport);
  return singleCalls(range, context);
}

function singleCalls(source: RequestSource, context: WorkloadContext): Workload {
  const { share, operations, transport } = context;
  return new SingleCalls(source, share.clientConnections.length, operations, transport);
}
