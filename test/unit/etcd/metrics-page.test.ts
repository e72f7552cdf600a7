/** Tests reading whole pages: real, malformed and hostile pages. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseMetricsPage } from "../../../src/etcd/metrics-page.ts";

const PAGE = parseMetricsPage(`# HELP etcd_disk_wal_fsync_duration_seconds The latency.
# TYPE etcd_disk_wal_fsync_duration_seconds histogram
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} 4
etcd_disk_wal_fsync_duration_seconds_bucket{le="0.002"} 8
etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} 10
etcd_disk_wal_fsync_duration_seconds_sum 0.3
etcd_disk_wal_fsync_duration_seconds_count 10
etcd_server_id{server_id="1e538232f1a33ff2"} 1
grpc_server_handled_total{grpc_code="OK",grpc_method="Range",grpc_type="unary"} 7
grpc_server_handled_total{grpc_code="Unavailable",grpc_method="Range"} 2 1395066363000
grpc_server_handled_total{grpc_code="OK",grpc_method="Put"} 5 # {trace="a b"} 1 1.5
go_gc_duration_seconds{quantile="0"} NaN
process_resident_memory_bytes 3.1207424e+07
`);

test("series are found by name and labels, and matching series are added up", () => {
  assert.is(PAGE.value("process_resident_memory_bytes"), 31207424);
  assert.is(PAGE.value("grpc_server_handled_total"), 14);
  assert.is(PAGE.value("grpc_server_handled_total", { grpc_method: "Range" }), 9);
  assert.is(PAGE.value("grpc_server_handled_total", { grpc_code: "OK", grpc_method: "Put" }), 5);
  assert.is(PAGE.value("grpc_server_handled_total", { grpc_method: "Watch" }), null);
  assert.is(PAGE.value("process_resident_memory"), null);
  assert.is(PAGE.label("etcd_server_id", "server_id"), "1e538232f1a33ff2");
  assert.is(PAGE.value("go_gc_duration_seconds"), null, "NaN says nothing");
  assert.is(PAGE.oddLines, 0);
});

test("a histogram has its buckets in order, and buckets of several series are added up", () => {
  assert.equal(PAGE.histogram("etcd_disk_wal_fsync_duration_seconds"), {
    bounds: [0.001, 0.002, Number.POSITIVE_INFINITY],
    counts: [4, 8, 10],
    sum: 0.3,
  });
  const peers = parseMetricsPage(
    ["a", "b"]
      .flatMap((to) => [
        `rtt_bucket{To="${to}",le="+Inf"} 3`,
        `rtt_bucket{To="${to}",le="0.1"} 1`,
        `rtt_sum{To="${to}"} 0.5`,
      ])
      .join("\n"),
  );
  const bounds = [0.1, Number.POSITIVE_INFINITY];
  assert.equal(peers.histogram("rtt"), { bounds, counts: [2, 6], sum: 1 });
  assert.equal(peers.histogram("rtt", { To: "b" }), { bounds, counts: [1, 3], sum: 0.5 });
});

test("an invalid histogram is null", () => {
  for (const text of [
    "",
    'h_bucket{le="0.1"} 1',
    'h_bucket{le="x"} 1\nh_bucket{le="+Inf"} 1',
    'h_bucket{le="0.1"} 5\nh_bucket{le="+Inf"} 1',
    'h_bucket{other="1"} 1\nh_bucket{le="+Inf"} 1',
  ]) {
    assert.is(parseMetricsPage(text).histogram("h"), null, text);
  }
});

test("escapes in labels are read, and quotes, braces and commas in a label do not end it", () => {
  const page = parseMetricsPage('m{a="x\\"},y\\\\z\\n",b="}"} 1\nm{ a = "1" , } 2\n');
  const [first, second] = page.series("m");
  assert.is(first!.labels.get("a"), 'x"},y\\z\n');
  assert.is(first!.labels.get("b"), "}");
  assert.is(second!.labels.get("a"), "1");
  assert.is(page.value("m", { a: "1" }), 2);
});

test("malformed lines are counted, and do not affect other lines", () => {
  const page = parseMetricsPage(
    ["<html>", "m", "m abc", 'm{a="1} 2', 'm{a="1"', 'm{a="1" b="2"} 3', "m 4", "1m 5"].join(
      "\r\n",
    ),
  );
  assert.is(page.oddLines, 7);
  assert.is(page.value("m"), 4);
  assert.is(parseMetricsPage("\u001b[31m\u0000").value("m"), null);
  const proto = parseMetricsPage('__proto__{__proto__="1",constructor="2"} 3\ntoString 1');
  assert.is(proto.value("__proto__", { constructor: "2" }), 3);
  assert.is(proto.value("hasOwnProperty"), null);
});

test("a very long page is cut and marked as cut", () => {
  const page = parseMetricsPage("m 1\n".repeat(150_000));
  assert.ok(page.isCut);
  assert.is(page.value("m"), 100_000);
  assert.not.ok(PAGE.isCut);
  // The time for long lines is proportional to their length.
  assert.is(parseMetricsPage(`m{a="${"\\".repeat(500_000)}`).oddLines, 1);
  assert.is(parseMetricsPage(`m{${'a="b",'.repeat(50_000)}`).oddLines, 1);
});

test("no text throws an error or gives NaN", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "m",
      "{",
      "}",
      '"',
      'le="',
      ",",
      " ",
      "\n",
      "1",
      "+Inf",
      "-Inf",
      "NaN",
      "\\",
      "#",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const page = parseMetricsPage(`m_bucket{le="+Inf"} 1\n${pieces.join("")}`);
      for (const { value } of page.series("m")) assert.not.ok(Number.isNaN(value));
      page.histogram("m");
    }),
  );
});

test.run();
