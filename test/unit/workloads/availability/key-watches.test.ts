/** Tests where a watcher of all keys goes on after its stream has ended. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WATCH_CREATED } from "../../../../src/failover/watches.ts";
import type { RequestLog } from "../../../../src/load/recording/request-log.ts";
import { Groups } from "../../../../src/workloads/availability/groups.ts";
import { KeyWatches } from "../../../../src/workloads/availability/key-watches.ts";
import { until } from "../../../harness/conditions.ts";
import { StepRig } from "../step-rig.ts";

const test = suite("key-watches");

const RESPONSE = "etcdserverpb.WatchResponse";
const UNAVAILABLE = 14;

function watching() {
  const rig = new StepRig();
  const rows: number[][] = [];
  const requests = {
    add: (...row: number[]) => rows.push([row[4]!, row[5]!]),
  } as unknown as RequestLog;
  const [prefix, end] = [Buffer.from("p/"), Buffer.from("p0")];
  const groups = new Groups(["put", "watch"], ["m1"]);
  const cancels: string[] = [];
  const onCancelled = (reason: string) => cancels.push(reason);
  const options = { groups, prefix, end, firstSlot: 0, onCancelled, pick: () => 0 };
  const watches = new KeyWatches(options, requests, rig.transport);
  rig.workload = {
    onMessage: (...message: Parameters<KeyWatches["onMessage"]>) => watches.onMessage(...message),
    onCallEnd: (slot: number, status: number, _: string, nowNs: number) =>
      watches.onCallEnd(slot, status, nowNs),
  } as unknown as StepRig["workload"];
  watches.start(true);
  /** The start revision of the stream that is opened next. */
  const resumesAt = async () => {
    await until("a new stream", () => rig.pending.has(0), 1);
    const { createRequest } = rig.request<{ createRequest: { startRevision: string } }>(
      0,
      "etcdserverpb.WatchRequest",
    );
    return Number(createRequest.startRevision);
  };
  return { rig, rows, watches, cancels, resumesAt };
}

test("a stream that ends before its first event goes on after the revision at which it was created", async () => {
  const { rig, rows, watches, resumesAt } = watching();
  assert.is(await resumesAt(), 0);
  rig.answer(0, RESPONSE, { header: { revision: 41 }, watchId: 0, created: true });
  assert.equal(rows, [[WATCH_CREATED, 42]]);
  assert.equal([watches.missing(41), watches.missing(42)], [0, 1]);
  rig.finish(0, UNAVAILABLE, "");
  assert.is(await resumesAt(), 42);
  // The answer's revision is newer now, but what was put meanwhile is still to come.
  rig.answer(0, RESPONSE, { header: { revision: 60 }, watchId: 0, created: true });
  assert.equal(rows.at(-1), [WATCH_CREATED, 42]);
  watches.stop();
});

test("a watcher whose next revision has been compacted goes on at the oldest one", async () => {
  const { rig, watches, cancels, resumesAt } = watching();
  await resumesAt();
  rig.answer(0, RESPONSE, { header: { revision: 41 }, watchId: 0, created: true });
  rig.answer(0, RESPONSE, { watchId: 0, canceled: true, compactRevision: 50 });
  assert.is(await resumesAt(), 50);
  assert.is(cancels.length, 1);
  assert.match(cancels[0]!, /required revision has been compacted, up to 50/);
  watches.stop();
});

test("the reason why etcd cancels or refuses a watcher is kept in its words", async () => {
  const { rig, watches, cancels, resumesAt } = watching();
  await resumesAt();
  const cancelReason = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
  rig.answer(0, RESPONSE, { watchId: -1, created: true, canceled: true, cancelReason });
  assert.equal(cancels, [cancelReason]);
  watches.stop();
});

test.run();
