/** The page of a trend: levels, changes and outliers where they are. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderTrendPage, seriesFigure } from "../../../../src/report/html/trend-page.ts";
import { seriesFixture, trendFixture } from "../../../fixtures/page-fixtures.ts";

test("the alarm is at the top, and the change with its size and commit in chart and table", () => {
  const page = renderTrendPage(trendFixture([seriesFixture()]));
  assert.match(page, /<div class="verdict bad"><b>alarm<\/b><p>put p99 \+25\.0% against its best/);
  assert.match(page, /class="band-label"[^>]*>\+25\.0%</);
  assert.match(page, /4f2a9c1/);
  assert.not.match(page, /<b>note/);
});

test("levels are lines that end where the next begins, and outliers are separate dots", () => {
  const { panels, rows } = seriesFigure(trendFixture([seriesFixture()]), seriesFixture());
  const [ratios] = panels;
  const named = (name: string) => ratios!.lines.find((line) => line.name === name)!;
  assert.is(named("level").points.filter((point) => point === null).length, 2);
  assert.equal(
    named("level").points.map((point) => (point === null ? null : Math.round(point.x * 19))),
    [0, 11, null, 12, 19, null],
  );
  assert.is(named("outlier").points.filter((point) => point !== null).length, 1);
  assert.is(named("point").points[3], null);
  assert.is(rows[3]!.cells.at(-1), "outlier");
  assert.is(rows[12]!.cells.at(-1), "+25.0% slower");
  assert.is(rows[12]!.cells[2], "1.250");
});

test("gates are open, other series are folded", () => {
  const page = renderTrendPage(
    trendFixture([
      seriesFixture(),
      seriesFixture({ metric: "p50", isGate: false, changes: [], alarm: null }),
    ]),
  );
  assert.is(page.match(/<details class="fold">/g)!.length, 1);
  assert.match(page, /<summary>put p50<\/summary>/);
});

test("a page of years with fifty metrics is below a megabyte", () => {
  const [point] = seriesFixture().points;
  const points = Array.from({ length: 730 }, (_, at) => ({ ...point!, night: `night-${at}` }));
  const many = Array.from({ length: 50 }, (_, at) =>
    seriesFixture({
      points,
      isGate: at < 3,
      changes: [],
      levels: [{ from: 0, to: 730, ratio: 1 }],
    }),
  );
  const { length } = renderTrendPage(trendFixture(many));
  assert.ok(length < 1_000_000, `${length} bytes`);
});

test.run();
