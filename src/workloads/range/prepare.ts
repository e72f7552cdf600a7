/** Prepares `bench range`: puts the keys that it reads, or looks whether the named ones are there. */
import { type ControlAccess, ControlClient, ControlError } from "../../etcd/control-client.ts";
import { isDenied, mayBeDenied, permissionError } from "../../etcd/denied.ts";
import { controlFailure, takeBack } from "../../etcd/set-up-failure.ts";
import { operation } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import { type KeyRange, keyRangeOf } from "../../plan/key-range.ts";
import type { KeySpace } from "../../plan/key-space.ts";
import { formatNoun } from "../../text/noun.ts";
import { fill } from "../parts/keys/fill.ts";
import { keySpaceRange } from "../parts/keys/key-writer.ts";
import { writtenAndRead } from "../parts/keys/keys-to-check.ts";
import { runValue } from "../parts/keys/put-message.ts";
import type { RangeKeySpec } from "../parts/keys/range-key.ts";
import type { Preparation, PrepareContext } from "../preparation.ts";
import type { RangeSpec } from "./load.ts";
import { checkRangeStream } from "./range-stream.ts";
import type { RangeWorkload } from "./schema.ts";
import { rangeSeries } from "./series.ts";

/** The key that `bench range` without a key puts and reads, cut or repeated to its size. */
const OWN_KEY_TEXT = "bench-range-key.";

export const preparation: Preparation<RangeWorkload> = {
  series: (workload) => workload.consistency.flatMap((each) => rangeSeries(workload, each)),
  async check(workload, { plan, target: { endpoints }, access }) {
    if (workload.fetch === "stream") await checkRangeStream(endpoints, access);
    if (workload.key !== null && workload.keySpace === null) {
      await checkReads(
        namedKeys(workload, workload.key),
        workload,
        plan.target.user,
        endpoints,
        access,
      );
    }
  },
  async prepare(workload, context) {
    const { limit, content, sort, fetch, keySpace } = workload;
    if (keySpace !== null) return { operations: seededOperations(workload, keySpace) };
    const keys = await prepareKeys(workload, context);
    const operations = workload.consistency.map((consistency) => {
      const range = { ...keys, consistency, limit, content, sort, fetch };
      return operation<RangeSpec>({
        series: rangeSeries(workload, consistency),
        kind: "range",
        range,
      });
    });
    return { operations, ownKey: workload.key === null ? keys.key : null };
  },
  keysToCheck({ key, keySizeBytes, keySpace }) {
    if (keySpace !== null) return writtenAndRead({ keys: keySpace });
    const own = key === null ? [ownKey(keySizeBytes)] : [];
    return { written: own, read: own };
  },
  // A key that was named was there before.
  leaves: ({ key, keySizeBytes }) =>
    key === null ? { key: ownKey(keySizeBytes), end: null } : null,
  proxyAnswers: ({ consistency }) =>
    consistency.includes("serializable") ? ["serializable-reads"] : [],
  needsLeader({ key, keySpace, consistency }) {
    return key === null || keySpace !== null || consistency.includes("linearizable");
  },
};

function ownKey(sizeBytes: number): Buffer {
  return Buffer.alloc(sizeBytes, OWN_KEY_TEXT);
}

/** Of ranges over a key space of the run's own. */
function seededOperations(workload: RangeWorkload, keySpace: KeySpace): OperationSpec[] {
  const { limit, content, sort, fetch, valSizeBytes, valueSize } = workload;
  const all = keySpaceRange(keySpace);
  const ranges = workload.consistency.map((consistency): OperationSpec => {
    const series = rangeSeries(workload, consistency);
    const shared = { consistency, limit, content, sort, fetch };
    if (workload.prefix) {
      return operation<RangeSpec>({ series, kind: "range", range: { ...all, ...shared } });
    }
    const range = { ...shared, end: limit === null ? null : all.end };
    return operation<RangeKeySpec>({ series, kind: "range-key", keys: keySpace, range });
  });
  return [fill({ keys: keySpace, valSizeBytes, valueSize }, "before-warmup"), ...ranges];
}

/** Puts the run's own key, or looks whether the named ones are there. */
async function prepareKeys(
  workload: RangeWorkload,
  { plan, target: { endpoints }, access, note }: PrepareContext,
): Promise<KeyRange> {
  const client = new ControlClient(endpoints, { access });
  let put: Buffer | null = null;
  try {
    if (workload.key !== null) {
      const { key, end } = namedKeys(workload, workload.key);
      const { count } = await client.range({
        key,
        ...(end === null ? {} : { rangeEnd: end }),
        serializable: !needsLeaderFor(workload),
        countOnly: true,
      });
      if (count === 0) {
        const what = end === null ? "The key does not exist" : "No key is in the range";
        note(`${what}: this measures empty answers.`);
      } else if (end !== null) {
        note(`The range holds ${formatNoun(count, "key")}.`);
      }
      return { key, end };
    }
    const key = ownKey(workload.keySizeBytes);
    const { valSizeBytes } = workload;
    const value = runValue({ valSizeBytes, valueSize: null }, plan.load.seed);
    await client.put({ key, value });
    put = key;
    // A linearizable read through each member returns when that member has the key; serializable
    // reads of it see the key from then on.
    for (const endpoint of endpoints) await client.range({ key }, { endpoint });
    note(`Reads the key "${key.toString("latin1")}", which this run has put.`);
    return { key, end: null };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    if (plan.cleanup && put !== null) await takeBack(client, put);
    if (isDenied(error)) {
      const what = error.method === "Put" ? "writing the key to read" : "reading these keys";
      throw permissionError(plan.target.user, what, error);
    }
    throw controlFailure("the key to read could not be made ready", error);
  } finally {
    client.close();
  }
}

function namedKeys(workload: RangeWorkload, key: string): KeyRange {
  return keyRangeOf({ ...workload, key });
}

/** @throws BenchError (usage) where etcd lets this user not read them */
async function checkReads(
  { key, end }: KeyRange,
  workload: RangeWorkload,
  user: string | null,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<void> {
  if (!mayBeDenied(access)) return;
  const client = new ControlClient(endpoints, { access });
  const serializable = !needsLeaderFor(workload);
  try {
    await client.range({ key, ...(end !== null && { rangeEnd: end }), serializable, limit: 1 });
  } catch (error) {
    // Anything else the preparation says.
    if (!(error instanceof ControlError)) throw error;
    if (isDenied(error)) throw permissionError(user, "reading these keys", error);
  } finally {
    client.close();
  }
}

function needsLeaderFor(workload: RangeWorkload): boolean {
  return workload.consistency.includes("linearizable");
}
