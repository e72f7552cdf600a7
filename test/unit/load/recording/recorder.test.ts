/** What a worker sends each second: everything exactly once, in bounded size. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { NO_SCHEDULE } from "../../../../src/load/recording/missing-counts.ts";
import { Recorder, type RecorderSnapshot } from "../../../../src/load/recording/recorder.ts";
import { initHistograms, LatencyHistogram } from "../../../../src/stats/histogram.ts";
import { Status } from "../../../../src/wire/grpc-status.ts";

test.before(initHistograms);

const EMPTY: RecorderSnapshot = {
  succeeded: 0,
  failed: 0,
  resent: 0,
  resends: [],
  serviceTime: null,
  responseTime: null,
  failedTime: null,
  missing: null,
  dispatchLag: null,
  errors: [],
  counters: {},
  losses: [],
  quantities: {},
  received: null,
  slowest: [],
  during: null,
};

function countOf(encoded: Uint8Array | null): number {
  if (encoded === null) return 0;
  const histogram = new LatencyHistogram();
  histogram.addEncoded(encoded);
  const { count } = histogram;
  histogram.destroy();
  return count;
}

test("a snapshot holds the records since the previous one, and the next starts empty", () => {
  const recorder = new Recorder();
  assert.equal(recorder.takeSnapshot(), EMPTY);
  recorder.succeeded(1_000);
  recorder.succeededPaced(1_000, 2_000);
  recorder.failed(3_000, NO_SCHEDULE, Status.UNAVAILABLE, "gone");
  recorder.resent("GOAWAY, NO_ERROR");
  recorder.dispatched(10);
  recorder.count("conflicts", 2);
  recorder.count("conflicts", 3);
  const first = recorder.takeSnapshot();
  assert.equal([first.succeeded, first.failed, first.resent], [2, 1, 1]);
  assert.equal(first.errors, [{ code: "UNAVAILABLE", message: "gone", count: 1 }]);
  assert.equal(first.resends, [{ reason: "GOAWAY, NO_ERROR", count: 1 }]);
  assert.equal(first.counters, { conflicts: 5 });
  const { serviceTime, responseTime, failedTime, dispatchLag } = first;
  assert.equal([serviceTime, responseTime, failedTime, dispatchLag].map(countOf), [2, 1, 1, 1]);
  assert.equal(recorder.takeSnapshot(), EMPTY);
  recorder.succeeded(1);
  assert.is(recorder.takeSnapshot().succeeded, 1);
  // A snapshot does not change after it was taken.
  assert.equal([serviceTime, responseTime].map(countOf), [2, 1]);
  assert.is(first.errors[0]!.count, 1);
});

test("a failure of which no time was spent counts, is missing, and has none until failure", () => {
  const recorder = new Recorder();
  recorder.failed(null, NO_SCHEDULE, Status.UNAVAILABLE, "stream ended");
  const { failed, failedTime, missing } = recorder.takeSnapshot();
  assert.is(failed, 1);
  assert.is(failedTime, null);
  assert.is(countOf(missing!.serviceTime), 1);
});

test("errors are counted separately by code and message", () => {
  const recorder = new Recorder();
  recorder.failed(1, NO_SCHEDULE, Status.UNAVAILABLE, "a");
  recorder.failed(1, NO_SCHEDULE, Status.INTERNAL, "a");
  recorder.failed(1, NO_SCHEDULE, Status.UNAVAILABLE, "b");
  recorder.failed(1, NO_SCHEDULE, Status.UNAVAILABLE, "a");
  assert.equal(recorder.takeSnapshot().errors, [
    { code: "UNAVAILABLE", message: "a", count: 2 },
    { code: "INTERNAL", message: "a", count: 1 },
    { code: "UNAVAILABLE", message: "b", count: 1 },
  ]);
});

test("with many different messages the list stays short, and every failure is counted", () => {
  const recorder = new Recorder();
  for (let request = 0; request < 10_000; request++) {
    const status = request % 2 === 0 ? Status.UNKNOWN : Status.INTERNAL;
    recorder.failed(1, NO_SCHEDULE, status, `request ${request} failed`);
  }
  const { errors, failed } = recorder.takeSnapshot();
  assert.ok(errors.length <= 52, `${errors.length} errors`);
  assert.is(failed, 10_000);
  assert.is(
    errors.reduce((sum, { count }) => sum + count, 0),
    10_000,
  );
  const further = errors.filter(({ message }) => message === "(further messages)");
  assert.equal(further.map(({ code }) => code).sort(), ["INTERNAL", "UNKNOWN"]);
});

test("a message in the list is still counted when the list is full", () => {
  const recorder = new Recorder();
  recorder.failed(1, NO_SCHEDULE, Status.UNKNOWN, "first");
  for (let request = 0; request < 100; request++)
    recorder.failed(1, NO_SCHEDULE, Status.UNKNOWN, `${request}`);
  recorder.failed(1, NO_SCHEDULE, Status.UNKNOWN, "first");
  const { errors } = recorder.takeSnapshot();
  const first = errors.find(({ message }) => message === "first");
  assert.equal(first, { code: "UNKNOWN", message: "first", count: 2 });
});

test("a long message is cut between words, so that no half of a token is kept", () => {
  const recorder = new Recorder();
  const token = "t".repeat(21);
  const words = "x".repeat(180);
  recorder.failed(1, NO_SCHEDULE, Status.UNKNOWN, `${words} ${token} was refused`);
  recorder.failed(1, NO_SCHEDULE, Status.UNKNOWN, `${words} ${token}${token} was refused`);
  recorder.resent(`${words} ${token} ${token}`);
  recorder.lost("cancelled", `${words} ${token} ${token}`, 1);
  const { errors, resends, losses } = recorder.takeSnapshot();
  const message = `${words}...`;
  assert.equal(errors, [{ code: "UNKNOWN", message, count: 2 }]);
  assert.equal(resends, [{ reason: message, count: 1 }]);
  assert.equal(losses, [{ cause: "cancelled", reason: message, count: 1 }]);
});

test.run();
