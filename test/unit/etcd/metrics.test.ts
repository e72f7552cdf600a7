/** Tests the figures of a member from its metrics pages. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { MemberSeries, NO_FIGURES } from "../../../src/etcd/member-series.ts";
import {
  bucketsOf,
  histogramQuantile,
  type MemberMetrics,
  numberOf,
  quantileBucket,
  readMemberMetrics,
} from "../../../src/etcd/metrics.ts";

const PAGE = `# HELP etcd_debugging_mvcc_db_total_size_in_bytes Old name.
# TYPE etcd_debugging_mvcc_db_total_size_in_bytes gauge
etcd_debugging_mvcc_db_total_size_in_bytes 1
# HELP etcd_disk_wal_fsync_duration_seconds The latency distributions of fsync called by WAL.
# TYPE etcd_disk_wal_fsync_duration_seconds histogram
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 4
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} 8
etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 10
etcd_disk_wal_fsync_duration_seconds_sum 0.3
etcd_disk_wal_fsync_duration_seconds_count 10
# TYPE etcd_mvcc_db_total_size_in_bytes gauge
etcd_mvcc_db_total_size_in_bytes 2.0480e+04
etcd_network_client_grpc_received_bytes_total 700
etcd_network_client_grpc_sent_bytes_total 800
etcd_network_peer_received_bytes_total{From="0"} 5
etcd_network_peer_received_bytes_total{From="8211f1d0f64f3269"} 1e+02
etcd_network_peer_round_trip_time_seconds_bucket{To="8211f1d0f64f3269",le="0.0001"} 1
etcd_network_peer_round_trip_time_seconds_bucket{To="8211f1d0f64f3269",le="0.0002"} 3
etcd_network_peer_round_trip_time_seconds_bucket{To="8211f1d0f64f3269",le="+Inf"} 3
etcd_network_peer_round_trip_time_seconds_sum{To="8211f1d0f64f3269"} 0.0004
etcd_network_peer_round_trip_time_seconds_count{To="8211f1d0f64f3269"} 3
etcd_network_peer_round_trip_time_seconds_bucket{To="91bc3c398fb3c146",le="0.0001"} 0
etcd_network_peer_round_trip_time_seconds_bucket{To="91bc3c398fb3c146",le="0.0002"} 1
etcd_network_peer_round_trip_time_seconds_bucket{To="91bc3c398fb3c146",le="+Inf"} 2
etcd_network_peer_round_trip_time_seconds_sum{To="91bc3c398fb3c146"} 0.0006
etcd_network_peer_round_trip_time_seconds_count{To="91bc3c398fb3c146"} 2
etcd_network_peer_sent_bytes_total{To="8211f1d0f64f3269"} 7
etcd_server_id{server_id="1e538232f1a33ff2"} 1
etcd_server_leader_changes_seen_total 1
etcd_server_proposals_failed_total 3
# HELP etcd_server_slow_apply_total etcd_server_slow_apply_total 99
etcd_server_slow_apply_total 2
etcd_mvcc_db_total_size_in_use_in_bytes 16384
etcd_debugging_mvcc_slow_watcher_total 1
etcd_disk_wal_write_bytes_total 4096
etcd_server_proposals_pending 6
go_goroutines 130
go_memstats_heap_alloc_bytes 9e+06
go_memstats_heap_inuse_bytes 1.1e+07
process_cpu_seconds_total 0.04
process_open_fds 21
process_resident_memory_bytes 3.1207424e+07 1395066363000
process_start_time_seconds 1.79525371619e+09`;

test("the required families are read from a page, and only from their own lines", () => {
  assert.equal(readMemberMetrics(PAGE), {
    memberId: "1e538232f1a33ff2",
    processStartSeconds: 1795253716.19,
    rssBytes: 31207424,
    cpuSeconds: 0.04,
    walFsync: { bounds: [0.001, 0.002, Number.POSITIVE_INFINITY], counts: [4, 8, 10] },
    backendCommit: null,
    peerRoundTrip: { bounds: [0.0001, 0.0002, Number.POSITIVE_INFINITY], counts: [1, 4, 5] },
    peerRoundTripSeconds: 0.001,
    leaderChanges: 1,
    slowApplies: 2,
    failedProposals: 3,
    walWrittenBytes: 4096,
    clientReceivedBytes: 700,
    clientSentBytes: 800,
    peerReceivedBytes: 105,
    peerSentBytes: 7,
    dbSizeBytes: 20480,
    dbInUseBytes: 16384,
    heapInUseBytes: 11e6,
    heapAllocatedBytes: 9e6,
    goroutines: 130,
    openFiles: 21,
    pendingProposals: 6,
    slowWatchers: 1,
    walFsyncSeconds: 0.3,
    backendCommitSeconds: null,
  });
});

test("a quantile of coarse buckets is given as its bucket", () => {
  const bounds = [1, 2, Number.POSITIVE_INFINITY];
  assert.is(quantileBucket(0.99, { bounds, counts: [0, 0, 0] }), null);
  assert.equal(quantileBucket(0.5, { bounds, counts: [2, 3, 4] }), { above: 0, upTo: 1 });
  assert.equal(quantileBucket(0.99, { bounds, counts: [0, 100, 100] }), { above: 1, upTo: 2 });
  assert.equal(quantileBucket(0.99, { bounds, counts: [0, 1, 2] }), {
    above: 2,
    upTo: Number.POSITIVE_INFINITY,
  });
});

test("an unrelated page, an empty page and a cut page give nulls", () => {
  for (const page of [
    "",
    "<html>",
    "process_cpu_seconds_total",
    "process_cpu_seconds_total abc\n",
  ]) {
    for (const value of Object.values(readMemberMetrics(page))) assert.is(value, null);
  }
  assert.is(bucketsOf('\nx_bucket{le="1"} 2\n', "x"), null, "without +Inf");
  assert.is(numberOf("x NaN\n", "x"), null);
});

test("any text is read without an error", () => {
  const piece = fc.constantFrom(
    'etcd_server_id{server_id="',
    "\n",
    'x_bucket{le="',
    '"} 1',
    "+Inf",
    "process_cpu_seconds_total ",
    "}",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
      readMemberMetrics(pieces.join(""));
      bucketsOf(pieces.join(""), "x");
    }),
  );
});

test("a quantile equals that of Prometheus's histogram_quantile", () => {
  const bounds = [0.001, 0.002, 0.004, Number.POSITIVE_INFINITY];
  assert.is(histogramQuantile(0.99, { bounds, counts: [0, 0, 0, 0] }), null);
  close(histogramQuantile(0.5, { bounds, counts: [10, 10, 10, 10] }), 0.0005);
  close(histogramQuantile(0.75, { bounds, counts: [0, 100, 200, 200] }), 0.003);
  close(histogramQuantile(0.5, { bounds, counts: [0, 100, 200, 200] }), 0.002);
  close(histogramQuantile(0.99, { bounds, counts: [1, 1, 1, 100] }), 0.004);
  close(histogramQuantile(0, { bounds, counts: [0, 4, 4, 4] }), 0.001);
});

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
