/** Prepares watch and watch-latency: which keys are watched, and by which watchers. */

import { randomInt } from "node:crypto";
import { usageError } from "../../../errors.ts";
import { operation } from "../../../load/load.ts";
import type { OperationSpec } from "../../../load/messages.ts";
import { workersOf } from "../../../plan/shares.ts";
import { randomBelow, SeedStream } from "../../../random.ts";
import type { Preparation, PrepareContext } from "../../preparation.ts";
import { writtenAndRead } from "../keys/keys-to-check.ts";
import type { WatchCreateSpec, WatchPutSpec } from "./load.ts";
import type { WatchPlan } from "./schema.ts";
import { WATCH_CREATE, WATCH_PUT_SERIES } from "./series.ts";
import type { WatchSpec } from "./watched-keys.ts";

const WATCHED_KEYS = new SeedStream("watch.keys");

export const watchPreparation: Preparation<WatchPlan> = {
  series: () => [WATCH_CREATE, ...WATCH_PUT_SERIES],
  prepare: (workload, context) => ({ operations: watchOperations(workload, context) }),
  plannedOperations: (workload, context) => watchOperations(workload, { ...context, note() {} }),
  keysToCheck: writtenAndRead,
};

function watchOperations(
  workload: WatchPlan,
  { plan: { load }, note }: Pick<PrepareContext, "plan" | "note">,
): OperationSpec[] {
  const watchedKeys = chooseKeys(workload, load.seed);
  const distinct = new Set(watchedKeys).size;
  const workers = workersOf(load);
  if (distinct < workers) {
    throw usageError(
      `--workers=${workers} needs a watched key for each worker, but --key-space-size=` +
        `${workload.keys.keySpaceSize} gave ${distinct}; give a larger one, or fewer workers`,
    );
  }
  const { keys, valSizeBytes, valueSize, streams, watchersPerStream } = workload;
  if (streams < workers) {
    throw usageError(
      `${workers} workers need a stream each, but there are ${streams}; give --streams=${workers}, or fewer workers`,
    );
  }
  const { prevKv, progressNotify } = workload;
  const watch: WatchSpec = {
    keys,
    valSizeBytes,
    valueSize,
    streams,
    watchersPerStream,
    watchers: null,
    startRevision: null,
    prevKv,
    progressNotify,
    watchedKeys,
    connections: load.connections,
    workers,
    token: randomInt(2 ** 32),
  };
  note(
    "watch-delivery runs from the send of a put to each event of it, watch-delivery-after-ack from " +
      "the put's acknowledgement: an event that arrives before that counts as 0 there. Each worker " +
      "watches and puts keys of its own.",
  );
  return [
    operation<WatchCreateSpec>({
      series: [WATCH_CREATE],
      kind: "watch-create",
      setUpRequests: streams * watchersPerStream,
      watch,
    }),
    operation<WatchPutSpec>({
      series: [...WATCH_PUT_SERIES],
      kind: "watch-put",
      mostEffects: streams * watchersPerStream,
      watch,
    }),
  ];
}

/** As upstream: in order modulo the key space, or each at random from it. */
function chooseKeys({ keys, watchedKeyTotal }: WatchPlan, seed: number): number[] {
  const random = WATCHED_KEYS.random(seed);
  return Array.from({ length: watchedKeyTotal }, (_, index) =>
    keys.sequential ? index % keys.keySpaceSize : randomBelow(random, keys.keySpaceSize),
  );
}
