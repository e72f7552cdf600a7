/** Tests the profiles in a result, and how slow an interval is. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Interval } from "../../../src/result/schema.ts";
import { profileResult, slownessMs } from "../../../src/run/profiles.ts";
import { operationFixture } from "../../fixtures/result-fixture.ts";

test("a profile has its time in the run and a file name without special characters", () => {
  const taken = { member: "../e 1", kind: "cpu", fromMs: 5_500, toMs: 7_500 } as const;
  assert.equal(profileResult({ ...taken, bytes: Buffer.from("abc") }, "mfy3", 1_000), {
    member: "../e 1",
    kind: "cpu",
    startSeconds: 4.5,
    durationSeconds: 2,
    file: "mfy3-cpu-.._e_1.pb.gz",
    sizeBytes: 3,
  });
});

test("the slowness of an interval is its p99, else its maximum, or its length if nothing was answered", () => {
  const interval = (over: Partial<Interval>): Interval => ({
    ...operationFixture().intervals[0]!,
    ...{
      responseP99Ms: null,
      p99Ms: 5,
      maxMs: 9,
      atLeast: null,
      succeeded: 10,
      durationSeconds: 1,
    },
    ...over,
  });
  assert.is(slownessMs(interval({})), 5);
  assert.is(slownessMs(interval({ responseP99Ms: 80 })), 80);
  assert.is(slownessMs(interval({ p99Ms: null })), 9);
  assert.is(slownessMs(interval({ atLeast: { p99Ms: 700 } })), 700);
  assert.is(slownessMs(interval({ p99Ms: null, maxMs: null, succeeded: 0 })), 1_000);
});

test.run();
