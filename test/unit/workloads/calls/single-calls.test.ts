/** Operations of one call: a response's content is counted, and an invalid one is a failure. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { splitLoad } from "../../../../src/plan/shares.ts";
import { Status } from "../../../../src/wire/grpc-status.ts";
import { SingleCalls } from "../../../../src/workloads/parts/calls/single-calls.ts";
import { RangeKey } from "../../../../src/workloads/parts/keys/range-key.ts";
import { Range } from "../../../../src/workloads/range/range.ts";
import { StepRig } from "../step-rig.ts";

const [SHARE] = splitLoad({ connections: 1, clients: 2, workers: 1 }, ["a:1"]);
const KEYS = {
  keySizeBytes: 8,
  keySpaceSize: 10,
  sequential: false,
  popularity: "uniform",
  prefix: "",
  encoding: "fixed",
} as const;
const ONE = { end: null, consistency: "serializable" } as const;
const NO_MESSAGES = ["12ff", "0b", "1203", "ff".repeat(12)];

function rigs(): StepRig[] {
  const range = { key: Buffer.from("k"), ...ONE };
  return [
    (rig: StepRig) => new Range(range, 2, rig.transport),
    (rig: StepRig) => new Range({ ...range, fetch: "stream" }, 2, rig.transport),
    (rig: StepRig) => new RangeKey(KEYS, ONE, 7, SHARE!, rig.transport),
  ].map((make) => {
    const rig = new StepRig();
    rig.workload = new SingleCalls(make(rig), 2, rig, rig.transport);
    return rig;
  });
}

test("a range with an invalid RangeResponse fails, and nothing of it is counted", () => {
  for (const rig of rigs()) {
    for (const hex of NO_MESSAGES) {
      const octets = Buffer.from(hex, "hex");
      rig.workload.begin(1, 0);
      rig.workload.onMessage!(1, octets, 0, octets.length, 0);
      rig.finish(1, Status.OK, "");
      const failed = { status: Status.INTERNAL, message: "the answer is no RangeResponse" };
      assert.equal(rig.ended.pop(), { client: 1, ...failed }, hex);
    }
    assert.equal([rig.receipts, rig.counts], [[], {}]);
  }
});

test("a range that etcd refuses fails with etcd's message, whatever came before", () => {
  for (const rig of rigs()) {
    rig.workload.begin(0, 0);
    rig.workload.onMessage!(0, Buffer.from("12ff", "hex"), 0, 2, 0);
    rig.finish(0, Status.OUT_OF_RANGE, "compacted");
    const failed = { status: Status.OUT_OF_RANGE, message: "compacted" };
    assert.equal(rig.ended, [{ client: 0, ...failed }]);
  }
});

test("a range after a failed one is checked by its own response", () => {
  for (const rig of rigs()) {
    rig.workload.begin(0, 0);
    rig.workload.onMessage!(0, Buffer.from("12ff", "hex"), 0, 2, 0);
    rig.refuse(0);
    rig.finish(0, Status.OK, "");
    assert.is(rig.ended[0]!.status, Status.OK);
    assert.is(rig.receipts.length, 1);
  }
});

test.run();
