/** Owns the operations of workloads over a key space of their own. */
import { usageError } from "../../errors.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { keySpaceRange } from "../../load/workload/key-space.ts";
import { mixedSeries } from "../../load/workload/mixed.ts";
import type { KeyRange } from "../../plan/key-range.ts";
import type {
  DeleteWorkload,
  MixedWorkload,
  TxnMixedWorkload,
  TxnPutWorkload,
} from "../../plan/schema.ts";
import { type ControlAccess, ControlClient, ControlError } from "../../target/control-client.ts";

export async function keySpaceOperations(
  workload: DeleteWorkload | MixedWorkload | TxnPutWorkload | TxnMixedWorkload,
  endpoints: readonly string[],
  access: ControlAccess,
  notes: string[],
): Promise<OperationSpec[]> {
  switch (workload.kind) {
    case "txn-put":
      return [{ series: ["txn-put"], kind: "txn-put", txnPut: workload }];
    case "delete":
      return [fill(workload), { series: ["delete"], kind: "delete", keys: workload.keys }];
    case "mixed": {
      const series = mixedSeries(workload);
      return [fill(workload), { series, kind: "mixed", mixed: workload }];
    }
    case "txn-mixed": {
      const range = readRange(workload);
      notes.push(await describeRange(range, endpoints, access));
      const { limit, consistency, keys, valSizeBytes, valueSize, rwRatio } = workload;
      const read = { ...range, limit, consistency };
      const write = { keys, valSizeBytes, valueSize, txnOps: 1 };
      return [
        {
          series: ["txn-mixed", "txn-mixed-read", "txn-mixed-write"],
          kind: "txn-mixed",
          txnMixed: { read, write, rwRatio },
        },
      ];
    }
  }
}

/** Puts each key of the space once, behind any warm-up, which might have deleted it. */
function fill(workload: DeleteWorkload | MixedWorkload): OperationSpec {
  const { keys, valSizeBytes, valueSize } = workload;
  const inOrder = { ...keys, sequential: true };
  const put = { kind: "put", keys: inOrder, valSizeBytes, valueSize } as const;
  const setUpRequests = keys.keySpaceSize;
  return { series: ["fill"], kind: "put", put, setUpRequests, isOutsideClock: true };
}

function readRange({ keys, key, end }: TxnMixedWorkload): KeyRange {
  const endBytes = end === null ? null : Buffer.from(end, "utf8");
  if (key !== null) return { key: Buffer.from(key, "utf8"), end: endBytes };
  const whole = keySpaceRange(keys);
  return { key: whole.key, end: endBytes ?? whole.end };
}

async function describeRange(
  range: KeyRange,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<string> {
  const client = new ControlClient(endpoints, { access });
  try {
    const { key, end } = range;
    const rangeEnd = end === null ? {} : { rangeEnd: end };
    const { count } = await client.range({ key, ...rangeEnd, countOnly: true });
    return `The range that is read held ${count} keys before the run, which puts others meanwhile.`;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    throw usageError(`the range could not be looked at: ${error.message}; mend the cluster`, error);
  } finally {
    client.close();
  }
}
