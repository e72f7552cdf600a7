/** The chart of a search: its steps, the limit and the found rate. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kneeFigure } from "../../../../src/report/html/knee.ts";
import { renderResultsPage } from "../../../../src/report/html/results-page.ts";
import { searchesOf } from "../../../../src/result/search.ts";
import { searchFixture } from "../../../fixtures/page-fixtures.ts";

const STEPS = [
  { rate: 1_000, p99Ms: 2 },
  { rate: 2_000, p99Ms: 80 },
  { rate: 1_500, p99Ms: 12 },
  { rate: 1_500, p99Ms: 13 },
];

test("steps are in the order of their rates, with the limit and the found rate marked", () => {
  const figure = kneeFigure(searchesOf(searchFixture(STEPS))[0]!)!;
  const [panel] = figure.panels;
  assert.equal(
    figure.rows.map(({ cells }) => cells),
    [
      ["1,000/s", "500 µs", "2.00 ms"],
      ["1,500/s", "3.00 ms", "12.0 ms"],
      ["1,500/s", "3.25 ms", "13.0 ms"],
      ["2,000/s", "20.0 ms", "80.0 ms"],
    ],
  );
  assert.equal(
    panel!.lines.map(({ name, points }) => [name, points.length]),
    [
      ["p50", 3],
      ["p99", 3],
    ],
  );
  // The rate that was measured twice is one point, the median of its steps.
  assert.equal(panel!.lines[1]!.points[1], { x: panel!.x.at(1_500), y: panel!.y.at(12.5) });
  assert.equal(panel!.levels, [{ y: panel!.y.at(20), label: "p99<20ms" }]);
  assert.equal(
    panel!.bands!.map(({ from, label }) => [from, label]),
    [[panel!.x.at(1_500), "found 1,500/s"]],
  );
});

test("a rate at which one of its steps has no figure has no point, which would be that of the better step", () => {
  const steps = searchFixture(STEPS);
  steps[3]!.operations[0]!.responseTime!.p99Ms = null;
  const [p50, p99] = kneeFigure(searchesOf(steps)[0]!)!.panels[0]!.lines;
  assert.equal([p50!.points.length, p99!.points.length], [3, 2]);
});

test("a single rate has no chart", () => {
  assert.is(kneeFigure(searchesOf(searchFixture(STEPS.slice(0, 1)))[0]!), null);
});

test("the title of a search's page is the found rate, or that none was found", () => {
  assert.match(
    renderResultsPage(searchFixture(STEPS)),
    /<h1>1,500 put requests\/s with p99&#60;20ms on etcd 3\.5\.30/,
  );
  assert.match(renderResultsPage(searchFixture(STEPS.slice(0, 2))), /<h1>No rate of put/);
});

test.run();
