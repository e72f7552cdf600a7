/** Tests how a member's metrics page is read. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  bucketsOf,
  histogramQuantile,
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

function close(actual: number | null, expected: number): void {
  assert.ok(
    actual !== null && Math.abs(actual - expected) <= 1e-9 * Math.max(1, expected),
    `${actual} is not ${expected}`,
  );
}

test.run();
