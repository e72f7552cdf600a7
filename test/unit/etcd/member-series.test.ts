/** Tests the figures of a member from the readings of its metrics. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MemberSeries, NO_FIGURES } from "../../../src/etcd/member-series.ts";
import { type MemberMetrics, readMemberMetrics } from "../../../src/etcd/metrics.ts";

const reading = (over: Partial<MemberMetrics>): MemberMetrics => ({
  ...readMemberMetrics(""),
  processStartSeconds: 100,
  ...over,
});

test("figures are the increase from the first reading to the last", () => {
  const series = new MemberSeries();
  assert.equal(series.figures(), NO_FIGURES);
  const bounds = [0.001, 0.002, Number.POSITIVE_INFINITY];
  series.add(
    reading({
      rssBytes: 10,
      cpuSeconds: 5,
      leaderChanges: 1,
      slowApplies: 4,
      failedProposals: 0,
      dbSizeBytes: 1,
      walFsync: { bounds, counts: [1000, 1000, 1000] },
      peerRoundTrip: { bounds, counts: [8, 8, 8] },
      peerRoundTripSeconds: 0.5,
      clientSentBytes: 1000,
      openFiles: 20,
      goroutines: 90,
    }),
    0,
  );
  series.add(reading({ rssBytes: 40, cpuSeconds: 5.5, openFiles: 30, goroutines: 80 }), 1000);
  series.add(
    reading({
      rssBytes: 10,
      cpuSeconds: 7,
      leaderChanges: 1,
      slowApplies: 6,
      failedProposals: 0,
      dbSizeBytes: 9,
      walFsync: { bounds, counts: [1000, 1100, 1100] },
      peerRoundTrip: { bounds, counts: [8, 10, 10] },
      peerRoundTripSeconds: 0.503,
      clientSentBytes: 1500,
      openFiles: 25,
    }),
    4000,
  );
  const figures = series.figures();
  close(figures.walFsyncP99Ms, 1.99);
  close(figures.peerRoundTripMeanMs, 1.5);
  assert.equal(
    { ...figures, walFsyncP99Ms: 0, peerRoundTripMeanMs: 0 },
    {
      ...NO_FIGURES,
      peerRoundTripMeanMs: 0,
      peerRoundTripP99AboveMs: 1,
      peerRoundTripP99UpToMs: 2,
      clientSentBytes: 500,
      openFiles: 30,
      goroutines: 90,
      rssMeanBytes: 20,
      rssMaxBytes: 40,
      cpuSeconds: 2,
      cpuPercent: 50,
      walFsyncP99Ms: 0,
      backendCommitP99Ms: null,
      leaderChanges: 0,
      slowApplies: 2,
      failedProposals: 0,
      dbSizeBytes: 9,
    },
  );
});

test("each reading is a sample over the time since the previous one, with times from the origin", () => {
  const bounds = [0.001, 0.002, Number.POSITIVE_INFINITY];
  const series = new MemberSeries();
  const fsyncs = (first: number, second: number) => ({
    bounds,
    counts: [first, first + second, first + second],
  });
  series.add(reading({ rssBytes: 10, cpuSeconds: 5, walFsync: fsyncs(1000, 0) }), 900);
  series.add(reading({ rssBytes: 40, cpuSeconds: 5.25, walFsync: fsyncs(1100, 0) }), 2000);
  series.add(reading({ rssBytes: 20, cpuSeconds: 7.25, walFsync: fsyncs(1100, 100) }), 4000);
  series.add(
    reading({ processStartSeconds: 104, cpuSeconds: 0.5, walFsync: fsyncs(100, 0) }),
    5000,
  );
  assert.equal(series.samples(1000), {
    atSeconds: [-0.1, 1, 3, 4],
    rssBytes: [10, 40, 20, null],
    cpuPercent: [null, 22.727, 100, 50],
    walFsyncP99Ms: [null, 0.99, 1.99, 0.99],
    backendCommitP99Ms: [null, null, null, null],
  });
});

test("one reading has no rate, and no observations have no percentile", () => {
  const series = new MemberSeries();
  series.add(
    reading({ cpuSeconds: 5, walFsync: { bounds: [1, Number.POSITIVE_INFINITY], counts: [7, 7] } }),
    0,
  );
  const figures = series.figures();
  assert.equal([figures.cpuSeconds, figures.cpuPercent, figures.walFsyncP99Ms], [0, null, null]);
});

test("a series that appears in the middle was 0 before, and one that never appears is null", () => {
  const series = new MemberSeries();
  series.add(reading({}), 0);
  series.add(
    reading({
      slowApplies: 3,
      backendCommit: { bounds: [1, 2, Number.POSITIVE_INFINITY], counts: [0, 4, 4] },
    }),
    1000,
  );
  const figures = series.figures();
  assert.is(figures.slowApplies, 3);
  close(figures.backendCommitP99Ms, 1990);
  assert.is(figures.leaderChanges, null);
});

test("a restarted process adds its counts since its start", () => {
  const bounds = [1, 2, Number.POSITIVE_INFINITY];
  const series = new MemberSeries();
  series.add(reading({ cpuSeconds: 100, walFsync: { bounds, counts: [50, 50, 50] } }), 0);
  series.add(reading({ cpuSeconds: 101, walFsync: { bounds, counts: [50, 51, 51] } }), 1000);
  series.add(
    reading({ processStartSeconds: 102, cpuSeconds: 0.5, walFsync: { bounds, counts: [0, 3, 3] } }),
    2000,
  );
  series.add(
    reading({ processStartSeconds: 102, cpuSeconds: 1, walFsync: { bounds, counts: [0, 4, 4] } }),
    3000,
  );
  assert.is(series.restarts, 1);
  const figures = series.figures();
  assert.is(figures.cpuSeconds, 2);
  close(figures.walFsyncP99Ms, 1990);
});

test("without a start time, a decrease of CPU time is a restart", () => {
  const series = new MemberSeries();
  series.add(reading({ processStartSeconds: null, cpuSeconds: 10, slowApplies: 5 }), 0);
  series.add(reading({ processStartSeconds: null, cpuSeconds: 1, slowApplies: 7 }), 1000);
  assert.is(series.restarts, 1);
  assert.is(series.figures().slowApplies, 7);
});

test("a page without the process's own families is no restart", () => {
  const series = new MemberSeries();
  series.add(reading({ cpuSeconds: 10 }), 0);
  series.add(reading({ processStartSeconds: null }), 1000);
  series.add(reading({ cpuSeconds: 11 }), 2000);
  assert.is(series.restarts, 0);
  assert.is(series.figures().cpuSeconds, 1);
});

test("increases are never negative, and add up all counts over any restarts", () => {
  const lives = fc.array(fc.array(fc.nat(1000), { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(lives, (processes) => {
      const series = new MemberSeries();
      let expected = 0;
      let atMs = 0;
      for (const [start, steps] of processes.entries()) {
        let counter = 0;
        for (const [i, step] of steps.entries()) {
          counter += step;
          // For the first process, only counts after the first reading matter.
          if (start > 0 || i > 0) expected += step;
          series.add(reading({ processStartSeconds: start, failedProposals: counter }), ++atMs);
        }
      }
      assert.is(series.figures().failedProposals, expected);
    }),
  );
});

function close(actual: number | null, expected: number): void {
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= 1e-9 * Math.max(1, expected),
    `${actual} is not ${expected}`,
  );
}

test.run();
