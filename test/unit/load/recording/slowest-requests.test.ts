import { test } from "uvu";
import * as assert from "uvu/assert";
import { NO_SCHEDULE } from "../../../../src/load/recording/missing-counts.ts";
import {
  type RequestDetails,
  SlowestRequests,
} from "../../../../src/load/recording/slowest-requests.ts";

const UNKNOWN: RequestDetails = {
  ...{ status: 0, endpoint: null, key: new Uint8Array(8), keyBytes: 0, revision: 0 },
};

/** Keeps each time above the floor, as a recording does. */
function keepAll(slowest: SlowestRequests, timesMs: readonly number[]): void {
  for (const ms of timesMs) {
    if (ms * 1e6 > slowest.floorNs) slowest.keep(1e9, ms * 1e6, NO_SCHEDULE, UNKNOWN);
  }
}

function newMs(slowest: SlowestRequests): number[] {
  return slowest.takeNew().map(({ serviceNs }) => serviceNs / 1e6);
}

test("the slowest requests are kept, and the floor is the time of the fastest of them", () => {
  const slowest = new SlowestRequests(3);
  keepAll(slowest, [5, 1, 9, 7, 2, 8, 3]);
  assert.is(slowest.floorNs, 7e6);
  assert.equal(newMs(slowest).sort(), [7, 8, 9]);
});

test("each request is taken once, and a slower one later replaces the fastest", () => {
  const slowest = new SlowestRequests(2);
  keepAll(slowest, [5, 6]);
  assert.equal(newMs(slowest), [5, 6]);
  assert.equal(newMs(slowest), []);
  keepAll(slowest, [5.5, 4]);
  assert.equal(newMs(slowest), [5.5]);
});

test("a scheduled request is ranked by its response time", () => {
  const slowest = new SlowestRequests(1);
  slowest.keep(1e9, 3e6, 90e6, UNKNOWN);
  assert.is(slowest.floorNs, 90e6);
  const [kept] = slowest.takeNew();
  assert.is(kept!.responseNs, 90e6);
  assert.is(kept!.serviceNs, 3e6);
});

test("the known details of a request are kept with it, and unknown ones are null", () => {
  const slowest = new SlowestRequests(2);
  const key = Uint8Array.of(0, 255, 7, 9);
  slowest.keep(1e9, 2e6, NO_SCHEDULE, {
    ...{ status: 14, endpoint: "127.0.0.1:2379", key, keyBytes: 3, revision: 42 },
  });
  // The caller reuses the same memory for the next request.
  key.fill(1);
  slowest.keep(1e9, 1e6, NO_SCHEDULE, UNKNOWN);
  const [known, unknown] = slowest.takeNew();
  assert.equal(known!.key, Uint8Array.of(0, 255, 7));
  assert.is(known!.revision, 42);
  assert.is(known!.code, "UNAVAILABLE");
  assert.is(known!.endpoint, "127.0.0.1:2379");
  assert.is(unknown!.key, null);
  assert.is(unknown!.revision, null);
  assert.is(unknown!.endpoint, null);
  assert.is(unknown!.responseNs, null);
});

test("with a capacity of 0 the floor is infinite, and clear starts over", () => {
  assert.is(new SlowestRequests(0).floorNs, Number.POSITIVE_INFINITY);
  const slowest = new SlowestRequests(1);
  keepAll(slowest, [50]);
  slowest.clear();
  keepAll(slowest, [1]);
  assert.equal(newMs(slowest), [1]);
});

test.run();
