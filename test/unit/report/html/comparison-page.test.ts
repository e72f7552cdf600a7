/** The page of a comparison: its ratios, intervals and verdicts. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderComparisonPage } from "../../../../src/report/html/comparison-page.ts";
import { ratioScale } from "../../../../src/report/html/scale.ts";
import { comparisonFixture } from "../../../fixtures/page-fixtures.ts";

function textOf(page: string): string {
  return page
    .replace(/<(style|script)>.*?<\/\1>/gs, "")
    .replace(/<[^>]+>/g, "\n")
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

test("a slower head is reported as slower, with each gate's ratio, interval and pairs", () => {
  const comparison = comparisonFixture(12, 1.2);
  const page = renderComparisonPage(comparison);
  const text = textOf(page);
  assert.match(text, /Head against base, put.*: slower/);
  assert.match(page, /<div class="verdict bad"><b>slower<\/b>/);
  const metric = comparison.cells[0]!.metrics[0]!;
  const { low, high } = metric.interval95!;
  assert.ok(text.includes(metric.ratio!.toFixed(3)));
  assert.ok(text.includes(`${low.toFixed(3)} to ${high.toFixed(3)}`));
  assert.match(text, /Ratio of each pair/);
  assert.is(page.match(/<circle class="dot s1"/g)!.length, 12);
  for (const id of comparison.base.resultIds) assert.ok(text.includes(id), id);
});

test("the estimate and its interval are at their values on the axis", () => {
  const page = renderComparisonPage(comparisonFixture(12, 1.2));
  const first = /<line class="whisker" x1="([\d.]+)%" x2="([\d.]+)%".*?cx="([\d.]+)%"/s.exec(page)!;
  const [low, high, estimate] = first.slice(1).map(Number);
  assert.ok(low! <= estimate! && estimate! <= high!, `${low} ${estimate} ${high}`);
  assert.ok(estimate! < 50, "head's throughput is the lower one");
});

test("with one run per side there are ratios, and no interval, zone or verdict", () => {
  const page = renderComparisonPage(comparisonFixture(1, 1.2));
  assert.not.match(page, /class="(whisker|zone|word)/);
  assert.match(textOf(page), /say nothing of significance/);
});

test("no change is shown as good, and a side's name is text", () => {
  const page = renderComparisonPage(comparisonFixture(12, 1, "<script>alert(1)</script>"));
  assert.match(page, /<div class="verdict good"><b>no change<\/b>/);
  assert.is(page.match(/<script/g)!.length, 1);
});

test("a ratio axis is as long below 1 as above it and always shows 1", () => {
  for (const ratios of [[1], [0.97, 1.01], [0.2, 1.3], [1, 90]]) {
    const { at, ticks } = ratioScale(ratios);
    assert.ok(Math.abs(at(1) - 0.5) < 1e-9);
    assert.ok(Math.abs(at(2) - 0.5 - (0.5 - at(0.5))) < 1e-9);
    assert.ok(ticks.some(({ label, isMinor }) => label === "1" && !isMinor));
    for (const ratio of ratios) assert.ok(at(ratio) >= 0 && at(ratio) <= 1, `${ratio}`);
  }
});

test.run();
