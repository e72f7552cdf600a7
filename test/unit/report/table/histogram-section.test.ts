/** The histogram in the terminal: bars in proportion, a narrow table, no claim beyond its data. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderHistograms } from "../../../../src/report/table/histogram-section.ts";
import type { RunResult } from "../../../../src/result/schema.ts";
import { initHistograms, LatencyHistogram } from "../../../../src/stats/histogram.ts";
import { toLatency } from "../../../../src/stats/latency.ts";
import { labelled } from "../../../../src/tables/labels.ts";
import { paintFor } from "../../../../src/tables/paint.ts";
import { widthOf } from "../../../../src/text/width.ts";
import { operationFixture, resultFixture } from "../../../fixtures/result-fixture.ts";

test.before(initHistograms);

/** Counts by latency in ms. */
type Counts = readonly (readonly [number, number])[];

function histogramOf(counts: Counts): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const [ms, count] of counts) histogram.recordNs(ms * 1e6, count);
  return histogram;
}

function runOf(counts: Counts, missing: Counts = []): RunResult {
  const serviceTime = toLatency(histogramOf(counts), histogramOf(missing));
  return resultFixture({ operations: [operationFixture({ serviceTime })] });
}

function linesOf(...results: RunResult[]): string[] {
  return renderHistograms(labelled(results), paintFor(false)).join("\n").split("\n");
}

test("bars are in proportion, and a bin with few requests is still visible", () => {
  const [title, , , ...rows] = linesOf(
    runOf([
      [2, 400],
      [4, 200],
      [40, 1],
    ]),
  );
  assert.is(title, "Histogram of put, service time");
  const cells = rows.map((row) => row.trim().split(/ {2,}/));
  assert.equal(cells[0], ["2", "3", "400", "67%", "█".repeat(30)]);
  assert.equal(cells[1], ["3", "5", "200", "99.83%", "█".repeat(15)]);
  assert.equal(cells[2], ["5", "7", "0", "99.83%"]);
  assert.equal(cells.at(-1), ["30", "50", "1", "100%", "▏"]);
});

test("the histogram fits 80 columns, from nanoseconds to an hour and with billions of requests", () => {
  const wide = runOf([
    [1e-5, 3_999_999_999],
    [3_500_000, 1],
  ]);
  for (const line of linesOf(wide)) assert.ok(widthOf(line) <= 80, line);
});

test("requests without an answer are counted below the histogram", () => {
  assert.is(
    linesOf(runOf([[2, 400]], [[10, 3]])).at(-1),
    "3 requests without an answer (failed or not sent) are not in it.",
  );
});

test("several runs, and a run without a saved histogram, have no histogram", () => {
  assert.equal(linesOf(runOf([[2, 400]]), runOf([[2, 400]])), [""]);
  assert.equal(linesOf(resultFixture()), [""]);
  assert.equal(linesOf(runOf([])), [""]);
});

test.run();
