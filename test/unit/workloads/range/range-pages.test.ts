/** Ranges in pages: the request after each response, and the records of scans and pages. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Status } from "../../../../src/wire/grpc-status.ts";
import type { RangeRequest } from "../../../../src/workloads/range/range.ts";
import { RangePages } from "../../../../src/workloads/range/range-pages.ts";
import { StepRig } from "../step-rig.ts";

const RESPONSE = "etcdserverpb.RangeResponse";
/** An end that contains the same octets as the place of the revision in the template. */
const END = Buffer.from("ffffffffffffffffff01ff", "hex");
const REQUEST: RangeRequest = {
  key: Buffer.from("a"),
  end: END,
  consistency: "serializable",
  limit: 2,
};

interface Sent {
  key: Buffer;
  rangeEnd: Buffer;
  limit: string;
  revision: string;
  serializable: boolean;
}

function rigOf(clients = 1): StepRig {
  const rig = new StepRig();
  rig.workload = new RangePages(REQUEST, clients, rig, rig.transport);
  return rig;
}

function sent(rig: StepRig, client = 0): [key: string, revision: string] {
  const { key, rangeEnd, limit, revision, serializable } = rig.request<Sent>(
    client,
    "etcdserverpb.RangeRequest",
  );
  assert.equal([rangeEnd.toString("hex"), limit, serializable], [END.toString("hex"), "2", true]);
  return [key.toString("latin1"), revision];
}

function page(revision: number, keys: string[], more: boolean): object {
  const kvs = keys.map((key) => ({ key: Buffer.from(key, "latin1"), value: Buffer.alloc(9) }));
  return { header: { revision }, kvs, more, count: 100 };
}

test("each page starts after the last key of the previous one, at the first page's revision", () => {
  const rig = rigOf();
  for (let scan = 0; scan < 2; scan++) {
    const longKey = `b${"\xff".repeat(300)}`;
    rig.workload.begin(0, 0);
    assert.equal(sent(rig), ["a", "0"]);
    rig.answer(0, RESPONSE, page(2 ** 40 + 7, ["a", "ab"], true));
    assert.equal(sent(rig), ["ab\0", String(2 ** 40 + 7)]);
    rig.answer(0, RESPONSE, page(2 ** 40 + 9, ["b", longKey], true));
    assert.equal(sent(rig), [`${longKey}\0`, String(2 ** 40 + 7)]);
    assert.is(rig.ended.length, scan);
    rig.answer(0, RESPONSE, page(2 ** 40 + 9, ["c"], false));
    assert.equal(rig.ended.at(-1), { client: 0, status: Status.OK, message: "" });
  }
  assert.is(rig.samples.length, 6);
  assert.equal(
    rig.receipts.map(({ keys }) => keys),
    [2, 2, 1, 5, 2, 2, 1, 5],
    "those of each page, and then of the scan",
  );
});

test("a page is timed from its own request, and clients scan independently", () => {
  const rig = rigOf(2);
  rig.workload.begin(0, 0);
  rig.workload.begin(1, 0);
  rig.nowNs = 10;
  rig.answer(0, RESPONSE, page(5, ["k"], true));
  rig.nowNs = 30;
  rig.answer(1, RESPONSE, page(6, ["longer"], true));
  assert.equal([sent(rig, 0), sent(rig, 1)].map(String), ["k\0,5", "longer\0,6"]);
  rig.answer(0, RESPONSE, page(5, [], false));
  assert.equal(
    rig.samples.map(({ series, durationNs }) => [series, durationNs]),
    [
      [1, 10],
      [1, 30],
      [1, 20],
    ],
  );
});

test("a failed page fails the scan, and an unprocessed page is sent again", () => {
  const rig = rigOf();
  rig.workload.begin(0, 0);
  rig.answer(0, RESPONSE, page(5, ["k"], true));
  rig.refuse(0);
  assert.equal([rig.resent, sent(rig)], [[0], ["k\0", "5"]]);
  rig.finish(0, Status.OUT_OF_RANGE, "compacted");
  const failed = { status: Status.OUT_OF_RANGE, message: "compacted" };
  assert.equal(rig.failures, [{ series: 1, ...failed }]);
  assert.equal(rig.ended, [{ client: 0, ...failed }]);
  // The next scan starts from the beginning.
  rig.workload.begin(0, 0);
  assert.equal(sent(rig), ["a", "0"]);
});

test("a page that announces more keys but has none fails the scan, and does not loop", () => {
  const rig = rigOf();
  rig.workload.begin(0, 0);
  rig.answer(0, RESPONSE, page(5, [], true));
  assert.is(rig.ended[0]!.status, Status.INTERNAL);
  assert.is(rig.pending.size, 0);
});

test("a page that is not a RangeResponse fails the scan with that message", () => {
  const rig = rigOf();
  rig.workload.begin(0, 0);
  rig.workload.onMessage!(0, Buffer.from("12ff", "hex"), 0, 2, 0);
  rig.finish(0, Status.OK, "");
  assert.equal(rig.ended, [
    { client: 0, status: Status.INTERNAL, message: "the answer is no RangeResponse" },
  ]);
  assert.is(rig.receipts.length, 0);
});

test("a first page that has waited in the client is timed from when it left", () => {
  const rig = rigOf();
  rig.workload.begin(0, 0);
  rig.workload.onCallSent!(0, 40);
  rig.nowNs = 50;
  rig.answer(0, RESPONSE, page(5, [], false));
  assert.equal(rig.samples, [{ series: 1, durationNs: 10 }]);
  assert.equal(rig.sampleLateNs, [40]);
});

test.run();
