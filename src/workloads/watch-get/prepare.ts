/** Prepares `bench watch-get`: puts a history, which each member then has, and keeps its revisions. */

import { type ControlAccess, ControlClient, ControlError } from "../../etcd/control-client.ts";
import { isDenied, permissionError } from "../../etcd/denied.ts";
import { controlFailure, takeBack } from "../../etcd/set-up-failure.ts";
import { operation } from "../../load/load.ts";
import type { OperationSpec } from "../../load/messages.ts";
import type { RunPlan } from "../../plan/schema.ts";
import { workersOf } from "../../plan/shares.ts";
import { SeedStream } from "../../random.ts";
import { formatNoun } from "../../text/noun.ts";
import { KeyWriter } from "../parts/keys/key-writer.ts";
import { writtenAndRead } from "../parts/keys/keys-to-check.ts";
import { runValue } from "../parts/keys/put-message.ts";
import { ValueSizes } from "../parts/keys/value-sizes.ts";
import type { Preparation, PrepareContext, PreparedLoad } from "../preparation.ts";
import type { WatchGetSpec } from "./load.ts";
import type { WatchGetWorkload } from "./schema.ts";
import { WATCH_GET_SERIES } from "./series.ts";

const SIZES = new SeedStream("watch-get.sizes");
/** Puts of the history under way at once. */
const PUTS_AT_ONCE = 32;

export const preparation: Preparation<WatchGetWorkload> = {
  series: () => WATCH_GET_SERIES,
  prepare: prepareHistory,
  plannedOperations: (workload, { plan: { load } }) => [
    getsAndWatches(workload, load, new Float64Array()),
  ],
  keysToCheck: writtenAndRead,
  proxyAnswers: ({ consistency }) => (consistency === "serializable" ? ["serializable-reads"] : []),
};

async function prepareHistory(
  workload: WatchGetWorkload,
  { plan, target: { endpoints }, access, note }: PrepareContext,
): Promise<PreparedLoad> {
  const { valueSize, events } = workload;
  const key = keyOf(workload);
  const { seed } = plan.load;
  const value = runValue(workload, seed);
  const sizes = valueSize === null ? null : new ValueSizes(valueSize, SIZES.random(seed));
  const nthValue = (n: number) => (sizes === null ? value : value.subarray(0, sizes.at(n)));
  const revisions = await putHistory(
    { key, nthValue, events, isCleaned: plan.cleanup },
    plan.target.user,
    endpoints,
    access,
  );
  note(
    `Before the clock started, ${formatNoun(events, "put")} of one key made the history that the watchers begin ` +
      "with. They are asked for when the clock starts, on connections of their own, in addition to those of " +
      "the gets, to the same members. watch-catch-up runs from the clock's start to each event, " +
      "watch-synced to a watcher's last one; when all are synced, the gets end.",
  );
  return { operations: [getsAndWatches(workload, plan.load, revisions)], ownKey: key };
}

/** Resolves to the revisions of the puts, ascending, when every endpoint's member has them. */
async function putHistory(
  history: {
    key: Buffer;
    nthValue: (n: number) => Uint8Array;
    events: number;
    /** Whether what was put before a failure is deleted. */
    isCleaned: boolean;
  },
  user: string | null,
  endpoints: readonly string[],
  access: ControlAccess,
): Promise<Float64Array> {
  const { key, nthValue, events, isCleaned } = history;
  const client = new ControlClient(endpoints, { access });
  const revisions: number[] = [];
  let begun = 0;
  const putRest = async () => {
    while (begun < events) {
      const value = nthValue(begun);
      begun += 1;
      revisions.push((await client.put({ key, value })).revision);
    }
  };
  try {
    await Promise.all(Array.from({ length: PUTS_AT_ONCE }, putRest));
    // A linearizable read through a member returns when it has all of them.
    for (const endpoint of endpoints) await client.range({ key }, { endpoint });
    return Float64Array.from(revisions).sort();
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    if (isCleaned && revisions.length > 0) await takeBack(client, key);
    if (isDenied(error)) throw permissionError(user, "writing the watched key", error);
    throw controlFailure("the history to catch up with could not be put", error);
  } finally {
    client.close();
  }
}

function keyOf({ keys }: WatchGetWorkload): Buffer {
  const key = Buffer.alloc(keys.keySizeBytes);
  new KeyWriter(keys).write(0, key, 0);
  return key;
}

/** @param revisions of the history; none before it is put */
function getsAndWatches(
  workload: WatchGetWorkload,
  load: RunPlan["load"],
  revisions: WatchGetSpec["watchGet"]["revisions"],
): OperationSpec {
  const { keys, valSizeBytes, valueSize, watchers, streams, consistency } = workload;
  const { connections, timeoutMs } = load;
  const workers = workersOf(load);
  const unsyncedWorkers = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  new Int32Array(unsyncedWorkers)[0] = workers;
  return operation<WatchGetSpec>({
    series: [...WATCH_GET_SERIES],
    atOwnPace: WATCH_GET_SERIES.slice(1),
    kind: "watch-get",
    watchGet: {
      watch: {
        keys,
        valSizeBytes,
        valueSize,
        watchedKeys: [0],
        streams,
        connections,
        workers,
        watchersPerStream: Math.ceil(watchers / streams),
        watchers,
        startRevision: revisions[0] ?? null,
        prevKv: false,
        progressNotify: false,
        token: 0,
      },
      get: { key: keyOf(workload), end: null, consistency },
      revisions,
      timeoutMs,
      unsyncedWorkers,
    },
  });
}
