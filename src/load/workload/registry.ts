/** Owns which workload serves which operation. */
import type { WorkerShare } from "../../plan/shares.ts";
import type { OperationSpec } from "../messages.ts";
import type { Transport } from "../transport.ts";
import { Put } from "./put.ts";
import { Range } from "./range.ts";
import type { Workload } from "./workload.ts";

/** Never written by anyone: reading it warms connections and code, and changes nothing. */
export const PATH_WARMUP_KEY = "\0etcd-bench path warm-up";

export function makeWorkload(
  operation: OperationSpec,
  seed: number,
  share: WorkerShare,
  transport: Transport,
): Workload {
  switch (operation.kind) {
    case "put":
      return new Put(operation.put, seed, share, transport);
    case "range":
      return new Range(operation.range, transport);
  }
}

export function pathWarmup(transport: Transport): Workload {
  const key = Buffer.from(PATH_WARMUP_KEY, "utf8");
  return new Range({ key, end: null, consistency: "serializable" }, transport);
}
