/** The loads of watch and watch-latency: watchers are created first, then their keys are put. */
import { type Load, PartName } from "../../../load/load.ts";
import type { OperationSpec } from "../../../load/messages.ts";
import { workersOf } from "../../../plan/shares.ts";
import { KeyWriter } from "../keys/key-writer.ts";
import { Deliveries } from "./deliveries.ts";
import { WatchCreate } from "./watch-create.ts";
import { WatchPut } from "./watch-put.ts";
import { ownWatchedKeys, streamConnections, type WatchSpec } from "./watched-keys.ts";
import { Watchers } from "./watchers.ts";

export interface WatchCreateSpec extends OperationSpec {
  kind: "watch-create";
  watch: WatchSpec;
}

export interface WatchPutSpec extends OperationSpec {
  kind: "watch-put";
  watch: WatchSpec;
}

/** Made by watch-create, and used by the watch-put after it. */
const WATCHERS = new PartName<Watchers<Deliveries>>();

export const watchCreateLoad: Load<WatchCreateSpec> = {
  kind: "watch-create",
  make({ watch }, { share, operations, transport, firstExtraSlot, parts }) {
    const made = new Watchers(
      watch,
      share,
      operations,
      transport,
      firstExtraSlot,
      (watchers, keys) => new Deliveries(operations, watch.token, watchers, keys),
    );
    const watchers = parts.set(WATCHERS, made);
    return new WatchCreate(watchers, operations, share.clientConnections.length);
  },
  extraSlots: ({ watch }, share) => streamConnections(watch, share),
  dealtAnew(spec, shape) {
    const { connections } = shape;
    return { ...spec, watch: { ...spec.watch, connections, workers: workersOf(shape) } };
  },
};

export const watchPutLoad: Load<WatchPutSpec> = {
  kind: "watch-put",
  make: ({ watch }, { seed, share, operations, transport, parts }) =>
    new WatchPut(watch, parts.get(WATCHERS), operations, transport, { seed, share }),
  *writtenKeys({ watch }, share, _, begun) {
    const writer = new KeyWriter(watch.keys);
    for (const index of ownWatchedKeys(watch, share).slice(0, Math.max(0, ...begun))) {
      const key = Buffer.alloc(watch.keys.keySizeBytes);
      writer.write(index, key, 0);
      yield key;
    }
  },
};
