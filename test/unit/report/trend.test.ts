/** A trend in the formats that show one. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseSaved } from "../../../src/compare/saved.ts";
import type { Trend, TrendSeries } from "../../../src/compare/trend/schema.ts";
import { findFormat, REPORT_FORMATS } from "../../../src/report/formats.ts";
import { formatNamed } from "../../fixtures/formats.ts";

const OPTIONS = { color: false, widthColumns: null };

function series(overrides: Partial<TrendSeries> = {}): TrendSeries {
  const points = Array.from({ length: 10 }, (_, at) => ({
    night: `night-${at}`,
    startedAt: `2026-08-0${at}T02:00:00.000Z`,
    commit: at === 5 ? "4f2a|c1" : null,
    comparisonId: `id${at}`,
    base: 10,
    head: at < 5 ? 10 : 12,
    ratio: at < 5 ? 1 : 1.2,
    isOutlier: at === 2,
  }));
  return {
    segment: 0,
    cell: "put conns=1 clients=1",
    operation: "put",
    metric: "p99",
    unit: "ms",
    better: "lower",
    clock: "service",
    isGate: true,
    reason: null,
    leastEffect: 0.1,
    points,
    levels: [
      { from: 0, to: 5, ratio: 1 },
      { from: 5, to: 10, ratio: 1.2 },
    ],
    changes: [
      {
        at: 5,
        earliest: 4,
        latest: 6,
        effect: 1.2,
        direction: "slower",
        pValue: 0.001,
        isReported: true,
      },
    ],
    isNewestFar: false,
    alarm: { effect: 1.2, at: 5 },
    ...overrides,
  };
}

function trend(overrides: Partial<Trend> = {}): Trend {
  return {
    kind: "trend",
    schemaVersion: 1,
    id: "x",
    source: "nightly",
    startedAt: "2026-08-01T02:00:00.000Z",
    endedAt: "2026-08-10T02:00:00.000Z",
    nights: 10,
    segments: [
      {
        host: "2 x CPU",
        reference: "etcd 3.5.30",
        firstNight: "night-0",
        lastNight: "night-9",
        nights: 10,
        isNewest: true,
      },
    ],
    series: [series()],
    gaps: [],
    leftOut: [{ what: "night-x", reason: "it broke" }],
    verdict: { kind: "alarm", reasons: ["put p99 is 20.0% above its best level"] },
    notes: ["a note"],
    ...overrides,
  };
}

const render = (format: string, of: Trend) => formatNamed(format).renderTrend!(of, OPTIONS);

test("the table has each change with its point, commit, size and place, and the alarm", () => {
  const text = render("table", trend());
  assert.match(text, /^Trend of nightly: 10 points, 2026-08-01 to 2026-08-10$/m);
  assert.match(text, /^night-0 to night-9, 10 points, against etcd 3\.5\.30, on 2 x CPU$/m);
  assert.match(
    text,
    /^night-5 +4f2a\|c1 +put +p99 \* +\+20\.0% slower +night-4 to night-6 +0\.0010 +put conns=1 clients=1$/m,
  );
  assert.match(
    text,
    /^put +p99 \* +10 +1\.200 +lower +night-2 +put conns.* ALARM: \+20\.0% against its best$/m,
  );
  assert.match(text, /^Verdict: alarm: put p99 is 20\.0% above its best level$/m);
  assert.match(text, /^Note: Left out: night-x: it broke\.$/m);
});

test("a change to watch is marked so, and a series without changes reports none", () => {
  const [change] = series().changes;
  const watched = series({ changes: [{ ...change!, isReported: false, pValue: 0.007 }] });
  assert.match(render("table", trend({ series: [watched] })), /0\.0070 \(watch\)/);
  const calm = trend({
    series: [series({ changes: [], alarm: null })],
    verdict: { kind: "quiet", reasons: [] },
  });
  const text = render("table", calm);
  assert.match(text, /^No changes\.$/m);
  assert.match(text, /^Verdict: no gate is worse than at its best$/m);
});

test("several segments are numbered, and the changes of each are together", () => {
  const [segment] = trend().segments;
  const two = trend({
    segments: [{ ...segment!, isNewest: false }, segment!],
    series: [series({ segment: 1, operation: "new" }), series({ operation: "old" })],
  });
  const changes = render("table", two).split("Series")[0]!;
  assert.ok(changes.indexOf(" old ") < changes.indexOf(" new "), changes);
  assert.match(changes, /^\[2\] +night-5 .* new /m);
});

test("markdown has the same, with text from files escaped", () => {
  const text = render("markdown", trend());
  assert.match(text, /^\*\*Trend of nightly: 10 points, .*: alarm: put p99 is 20\.0% above/);
  assert.match(text, /^\| {2}\| night-5 \| 4f2a\\\|c1 \| put \| p99 \\\* \|/m);
  assert.match(text, /^- a note$/m);
});

test("json of a trend is read again as it was", () => {
  const text = render("json", trend());
  assert.equal(parseSaved(text, "x"), { kind: "trend", trend: trend() });
  const newer = text.replace('"schemaVersion": 1', '"schemaVersion": 2');
  assert.throws(
    () => parseSaved(newer, "x"),
    /x has schemaVersion 2, and this bench reads up to 1: /,
  );
});

test("a format without words for a trend is refused", () => {
  const able = REPORT_FORMATS.filter(({ shows }) => shows.includes("trend"));
  assert.ok(able.length >= 3 && able.length < REPORT_FORMATS.length);
  assert.throws(() => findFormat("csv", "trend"), /csv cannot show a trend; take one of table/);
});

test.run();
