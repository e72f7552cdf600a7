/** Owns the operations of workloads over a key space of their own. */

import { type ControlAccess, ControlClient, ControlError } from "../../etcd/control-client.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { keySpaceRange } from "../../load/workload/key-space.ts";
import { mixedSeries } from "../../load/workload/mixed.ts";
import type { KeyRange } from "../../plan/key-range.ts";
import { keyBytes } from "../../plan/key-text.ts";
import type {
  Consistency,
  DeleteWorkload,
  KeySpace,
  MixedWorkload,
  RangeWorkload,
  TxnMixedWorkload,
  TxnPutWorkload,
} from "../../plan/schema.ts";
import type { Values } from "../../plan/value-size.ts";
import { formatNoun } from "../../text/noun.ts";
import { controlFailure } from "../set-up-failure.ts";

export const TXN_MIXED_SERIES: readonly string[] = [
  "txn-mixed",
  "txn-mixed-read",
  "txn-mixed-write",
];

/** To etcd the first key there is, and as an end that of all keys. */
const FIRST = Buffer.from([0]);

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
      return [
        fill(workload, "behind-warmup"),
        { series: ["delete"], kind: "delete", keys: workload.keys },
      ];
    case "mixed": {
      const series = mixedSeries(workload);
      const deletes = workload.mix.some(({ operation }) => operation === "delete");
      return [
        fill(workload, deletes ? "behind-warmup" : "before-warmup"),
        { series, kind: "mixed", mixed: workload },
      ];
    }
    case "txn-mixed": {
      const range = readRange(workload);
      notes.push(await describeRange(range, endpoints, access));
      const { limit, consistency, keys, valSizeBytes, valueSize, rwRatio } = workload;
      const read = { ...range, limit, consistency };
      const write = { keys, valSizeBytes, valueSize, txnOps: 1 };
      return [
        {
          series: [...TXN_MIXED_SERIES],
          kind: "txn-mixed",
          txnMixed: { read, write, rwRatio },
        },
      ];
    }
  }
}

/** Of ranges over a key space of the run's own. */
export function seededRangeOperations(
  workload: RangeWorkload,
  keySpace: KeySpace,
): OperationSpec[] {
  const { limit, content, sort, fetch, valSizeBytes, valueSize } = workload;
  const all = keySpaceRange(keySpace);
  const ranges = workload.consistency.map((consistency): OperationSpec => {
    const series = rangeSeries(workload, consistency);
    const shared = { consistency, limit, content, sort, fetch };
    if (workload.prefix) return { series, kind: "range", range: { ...all, ...shared } };
    const range = { ...shared, end: limit === null ? null : all.end };
    return { series, kind: "range-key", keys: keySpace, range };
  });
  return [fill({ keys: keySpace, valSizeBytes, valueSize }, "before-warmup"), ...ranges];
}

/** The whole range, and where it is read in pages each of them. */
export function rangeSeries({ fetch }: RangeWorkload, consistency: Consistency): string[] {
  const name = `range-${consistency}`;
  return fetch === "pages" ? [name, `${name}-page`] : [name];
}

/** Puts each key of the space once; behind a warm-up that might have deleted it. */
function fill(
  { keys, valSizeBytes, valueSize }: { keys: KeySpace } & Values,
  when: "before-warmup" | "behind-warmup",
): OperationSpec {
  const inOrder = { ...keys, sequential: true };
  const put = { kind: "put", keys: inOrder, valSizeBytes, valueSize } as const;
  const setUp = { setUpRequests: keys.keySpaceSize, isOutsideClock: true };
  const isBeforeWarmup = when === "before-warmup";
  return { series: ["fill"], kind: "put", put, ...setUp, isBeforeWarmup };
}

function readRange({ keys, key, end }: TxnMixedWorkload): KeyRange {
  const endBytes = end === null ? null : keyBytes(end);
  if (key === "") return { key: FIRST, end: endBytes ?? FIRST };
  if (key !== null) return { key: keyBytes(key), end: endBytes };
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
    return `The range that is read held ${formatNoun(count, "key")} before the run, which puts others meanwhile.`;
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    throw controlFailure("the range could not be looked at", error);
  } finally {
    client.close();
  }
}
