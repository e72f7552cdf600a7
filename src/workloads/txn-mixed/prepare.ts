/** Prepares `bench txn-mixed`: looks how many keys the range holds that is read. */
import { type ControlAccess, ControlClient, ControlError } from "../../etcd/control-client.ts";
import { controlFailure } from "../../etcd/set-up-failure.ts";
import { operation } from "../../load/load.ts";
import type { KeyRange } from "../../plan/key-range.ts";
import { keyBytes } from "../../plan/key-text.ts";
import { formatNoun } from "../../text/noun.ts";
import { keySpaceRange } from "../parts/keys/key-writer.ts";
import { writtenAndRead } from "../parts/keys/keys-to-check.ts";
import type { Preparation } from "../preparation.ts";
import type { TxnMixedSpec } from "./load.ts";
import type { TxnMixedWorkload } from "./schema.ts";

const SERIES: readonly string[] = ["txn-mixed", "txn-mixed-read", "txn-mixed-write"];

/** To etcd the first key there is, and as an end that of all keys. */
const FIRST = Buffer.from([0]);

export const preparation: Preparation<TxnMixedWorkload> = {
  series: () => SERIES,
  async prepare(workload, { target, access, note }) {
    const range = readRange(workload);
    note(await describeRange(range, target.endpoints, access));
    const { limit, consistency, keys, valSizeBytes, valueSize, rwRatio } = workload;
    const read = { ...range, limit, consistency };
    const write = { keys, valSizeBytes, valueSize, txnOps: 1 };
    const txnMixed = { read, write, rwRatio };
    return {
      operations: [operation<TxnMixedSpec>({ series: [...SERIES], kind: "txn-mixed", txnMixed })],
    };
  },
  keysToCheck: writtenAndRead,
};

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
