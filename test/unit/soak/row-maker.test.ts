/** Tests making rows from seconds: the seconds of a row, and figures of members and client. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type MemberMetrics, readMemberMetrics } from "../../../src/etcd/metrics.ts";
import type { ClosedInterval } from "../../../src/run/open-interval.ts";
import { type ClientReading, RowMaker } from "../../../src/soak/row-maker.ts";
import { rateOf, secondsOf } from "../../../src/soak/row-rates.ts";
import type { SoakRow } from "../../../src/soak/row-schema.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";

test.before(initHistograms);

const ORIGIN_NS = 5e12;
const PUT = { name: "put", isWhole: true, isPaced: true };
const EVENTS = { name: "delivery", isWhole: false, isPaced: false };

function encoded(ms: number, count: number): Uint8Array {
  const histogram = new LatencyHistogram();
  histogram.recordNs(ms * 1e6, count);
  const bytes = histogram.encode();
  histogram.destroy();
  return bytes;
}

/** A second that begins `fromSeconds` after the start. */
function second(fromSeconds: number, { failed = 0, ms = 1, count = 10 } = {}): ClosedInterval {
  return {
    fromNs: ORIGIN_NS + fromSeconds * 1e9,
    toNs: ORIGIN_NS + (fromSeconds + 1) * 1e9,
    succeeded: count,
    failed,
    errors: [],
    received: null,
    serviceTime: encoded(ms, count),
    responseTime: encoded(ms + 1, count),
    missing: null,
  };
}

function reading(figures: Partial<MemberMetrics>): MemberMetrics {
  return {
    ...readMemberMetrics(""),
    processStartSeconds: 1,
    ...figures,
  };
}

function maker(client: ClientReading = { rssBytes: 100e6, openFiles: 30 }) {
  const rows: SoakRow[] = [];
  const made = new RowMaker({
    ...{ everyMs: 3_000, segment: 2, firstRow: 7, onRow: (row) => rows.push(row) },
    readClient: () => client,
    now: () => Date.UTC(2026, 0, 1, 0, 0, 1),
  });
  return { made, rows };
}

test("a row has the errors of its failed requests, each kind once and the most frequent first", () => {
  const { made, rows } = maker();
  const large = { code: "INVALID_ARGUMENT", message: "etcdserver: request is too large" };
  const lost = { code: "UNAVAILABLE", message: "connection lost" };
  const errorsOf = (at: number) => [
    { ...lost, count: 2 },
    ...(at > 0 ? [{ ...large, count: 3 }] : []),
  ];
  for (let at = 0; at < 4; at++) {
    const failed = at === 0 ? 2 : 5;
    made.onSecond(PUT, { ...second(at, { failed }), errors: at < 3 ? errorsOf(at) : [] });
  }
  made.finish();
  assert.equal(rows[0]!.series[0]!.errors, [
    { ...lost, count: 6 },
    { ...large, count: 6 },
  ]);
  assert.not.ok("errors" in rows[1]!.series[0]!);
});

test("a row has the seconds of its period, with all series, and ends when the next period begins", () => {
  const { made, rows } = maker();
  for (let at = 0; at < 7; at++) {
    // Seconds are never exact.
    const skew = at % 2 === 0 ? -0.004 : 0.012;
    made.onSecond(PUT, second(at === 0 ? 0 : at + skew));
    made.onSecond(EVENTS, second(at === 0 ? 0 : at + skew));
  }
  assert.is(rows.length, 2);
  made.finish();
  made.finish();
  assert.equal(
    rows.map(({ row, segment, series }) => [row, segment, ...series.map((each) => each.succeeded)]),
    [
      [7, 2, 30, 30],
      [8, 2, 30, 30],
      [9, 2, 10, 10],
    ],
  );
  assert.ok(Math.abs(rows[1]!.atSeconds - 3) < 0.1);
  assert.ok(Math.abs(rows[1]!.durationSeconds - 3) < 0.1);
  assert.is(rows[0]!.startedAt, "2026-01-01T00:00:00.000Z");
});

test("a late second is in the current row, and no second is lost", () => {
  const { made, rows } = maker();
  for (const at of [0, 1, 3, 2, 4, 5, 6]) made.onSecond(PUT, second(at));
  made.finish();
  assert.equal(
    rows.map(({ series }) => series[0]!.succeeded),
    [20, 40, 10],
  );
});

test("where operations take turns, each has the part of the row in which it was offered", () => {
  const { made, rows } = maker();
  const [l, s] = ["range-linearizable", "range-serializable"].map((name) => ({ ...PUT, name }));
  for (const [at, read] of [l!, s!, l!, l!, l!, l!].entries()) {
    made.onSecond(read, second(at));
    // Of a worker that reported later, and began a little earlier.
    made.onSecond(read, second(at - 0.004));
  }
  made.finish();
  assert.equal(
    rows.map((row) => row.series.map((each) => [each.name, Math.round(secondsOf(each, row))])),
    [
      [
        ["range-linearizable", 2],
        ["range-serializable", 1],
      ],
      [["range-linearizable", 3]],
    ],
  );
  assert.equal(
    rows[0]!.series.map((each) => Math.round(rateOf(each, rows[0]!))),
    [20, 20],
  );
});

test("if agents send the load, a row has no figures of the client's process", () => {
  const { made, rows } = maker({ rssBytes: null, openFiles: null });
  made.onSecond(PUT, second(0));
  made.finish();
  assert.equal(rows[0]!.client, { rssBytes: null, openFiles: null });
});

test("a row gives the client's paused time, and simultaneous pauses of workers count once", () => {
  const { made, rows } = maker();
  const pause = (fromSeconds: number, seconds: number) =>
    made.onPause({ startNs: ORIGIN_NS + fromSeconds * 1e9, durationNs: seconds * 1e9 });
  for (let at = 0; at < 9; at++) {
    made.onSecond(PUT, second(at));
    if (at === 1) pause(0.5, 0.25);
    // Two workers pause over the end of the row; reported before the delayed seconds.
    if (at === 2) pause(2.5, 1.5);
    if (at === 2) pause(2.6, 1.2);
  }
  made.finish();
  assert.equal(
    rows.map(({ client }) => client.pausedMs),
    [750, 1_000, undefined],
  );
});

test("the drain after the last row makes no row, and a period without an answer does", () => {
  const { made, rows } = maker();
  for (let at = 0; at < 3; at++) made.onSecond(PUT, second(at));
  made.onSecond(PUT, second(3, { count: 0 }));
  made.finish();
  assert.is(rows.length, 1);

  const silent = maker();
  for (let at = 0; at < 3; at++) silent.made.onSecond(PUT, second(at, { count: 0 }));
  silent.made.finish();
  assert.is(silent.rows.length, 1);
});

test("a paced series keeps both clocks, and other series only the service time", () => {
  const { made, rows } = maker();
  made.onSecond(PUT, second(0, { ms: 4, count: 2_000, failed: 3 }));
  made.onSecond(EVENTS, second(0));
  made.finish();
  const [put, events] = rows[0]!.series;
  assert.ok(Math.abs(put!.serviceTime.p99Ms! - 4) < 0.01);
  assert.ok(Math.abs(put!.responseTime!.p99Ms! - 5) < 0.01);
  assert.is(put!.failed, 3);
  assert.is(events!.responseTime, null);
});

test("for members, a row has mean memory, the last sizes, and the increase of counters", () => {
  const { made, rows } = maker();
  made.onReading("etcd1", reading({ rssBytes: 10e6, cpuSeconds: 5, dbSizeBytes: 1, openFiles: 9 }));
  for (let at = 0; at < 3; at++) made.onSecond(PUT, second(at));
  made.onReading("etcd1", reading({ rssBytes: 30e6, cpuSeconds: 6, dbSizeBytes: 2, openFiles: 8 }));
  made.finish();
  const [first] = rows.map(({ members }) => members[0]!);
  assert.is(first!.name, "etcd1");
  assert.is(first!.rssBytes, 20e6);
  assert.equal([first!.dbSizeBytes, first!.openFiles], [2, 8]);
  assert.ok(first!.cpuPercent !== null && first!.cpuPercent > 0);
});

test("a member that did not answer in a row has no figures in it, and none of before in the next", () => {
  const { made, rows } = maker();
  const was = { rssBytes: 10e6, cpuSeconds: 5, dbSizeBytes: 1, dbInUseBytes: 1, openFiles: 9 };
  made.onReading("etcd1", reading(was));
  for (let at = 0; at < 6; at++) made.onSecond(PUT, second(at));
  made.onSecond(PUT, second(6));
  made.onReading("etcd1", reading({ ...was, rssBytes: 30e6, processStartSeconds: 2 }));
  made.finish();
  const [, without, again] = rows.map(({ members }) => members);
  assert.is(without!.length, 1);
  const { name, ...figures } = without![0]!;
  assert.is(name, "etcd1");
  assert.ok(
    Object.values(figures).every((figure) => figure === null),
    JSON.stringify(figures),
  );
  assert.equal([again![0]!.rssBytes, again![0]!.dbSizeBytes], [30e6, 1]);
});

test("the client's memory is the mean over the row, and its files are those of the last second", () => {
  const client = { rssBytes: 100e6, openFiles: 30 as number | null };
  const { made, rows } = maker(client);
  made.onSecond(PUT, second(0));
  client.rssBytes = 200e6;
  client.openFiles = 33;
  made.onSecond(PUT, second(1));
  made.finish();
  assert.equal(rows[0]!.client, { rssBytes: 150e6, openFiles: 33 });
});

test("the rest of a second at the end of the load is in the last row", () => {
  const { made, rows } = maker();
  for (const at of [0, 1, 2]) made.onSecond(PUT, second(at));
  const piece = second(3, { count: 3 });
  made.onSecond(PUT, { ...piece, toNs: piece.fromNs + 12e6 });
  made.finish();
  assert.is(rows.length, 1);
  assert.equal([rows[0]!.series[0]!.succeeded, rows[0]!.durationSeconds], [33, 3.012]);
});

test.run();
