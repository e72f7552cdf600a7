/** The histogram log as HdrHistogram's own reader reads it, and the percentile text. */
import { HistogramLogReader } from "hdr-histogram-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { toLatency } from "../../../src/stats/latency.ts";
import { percentileCurve } from "../../../src/stats/percentile-curve.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: null };
const test = suite("histogram formats");

test.before(initHistograms);

/** The latency of 1,000 values, each a microsecond longer, from `firstUs` on. */
function latency(firstUs: number) {
  const histogram = new LatencyHistogram();
  for (let at = 0; at < 1_000; at++) histogram.recordNs((firstUs + at) * 1_000);
  const result = toLatency(histogram);
  histogram.destroy();
  return result;
}

function results() {
  const first = resultFixture({
    id: "first",
    operations: [
      operationFixture({ serviceTime: latency(1_000), responseTime: latency(5_000) }),
      operationFixture({ name: "nothing" }),
    ],
  });
  const second = resultFixture({
    id: "second",
    measuredAt: "2026-08-01T10:11:23.250Z",
    operations: [operationFixture({ durationSeconds: 4, serviceTime: latency(2_000) })],
  });
  return [first, second];
}

test("the log reads back: tags, times, counts and every percentile", () => {
  const text = formatNamed("hlog").render(results(), OPTIONS);
  assert.match(text, /^#\[Histogram log format version 1\.3\]\n#\[StartTime: 1785579073\.250 /);
  const lines = text.split("\n").filter((line) => line.startsWith("Tag="));
  assert.equal(
    lines.map((line) => line.split(",").slice(0, 3)),
    [
      ["Tag=put-response.first", "0.000", "2.500"],
      ["Tag=put-service.first", "0.000", "2.500"],
      ["Tag=put.second", "10.000", "4.000"],
    ],
  );
  const reader = new HistogramLogReader(text, 64);
  for (const [tag, firstUs] of [
    ["put-response.first", 5_000],
    ["put-service.first", 1_000],
    ["put.second", 2_000],
  ] as const) {
    const histogram = reader.nextIntervalHistogram()!;
    assert.equal([histogram.tag, histogram.totalCount], [tag, 1_000]);
    const medianUs = histogram.getValueAtPercentile(50) / 1_000;
    assert.ok(Math.abs(medianUs - (firstUs + 499)) <= medianUs / 1_000, `${tag}: ${medianUs}`);
  }
  assert.is(reader.nextIntervalHistogram(), null);
});

test("a single run's tags are its operations, and the maximum is in milliseconds", () => {
  const text = formatNamed("hlog").render(results().slice(1), OPTIONS);
  const [, , , line] = text.split("\n");
  assert.match(line!, /^Tag=put,0\.000,4\.000,(2\.999|3\.00\d),HISTF/);
});

test("the percentile text rises from the smallest to the largest value, in milliseconds", () => {
  const text = formatNamed("hgrm").render(results().slice(0, 1), OPTIONS);
  const [response, service] = text.split(/^(?=#\[put)/m);
  assert.match(
    service!,
    /^#\[put-service, milliseconds\]\n +Value +Percentile TotalCount 1\/\(1-Percentile\)\n/,
  );
  assert.match(response!, /^#\[put-response, milliseconds\]\n/);
  const rows = service!
    .split("\n")
    .filter((line) => /^ +\d/.test(line))
    .map((line) => line.trim().split(/\s+/).map(Number));
  assert.ok(rows.length > 10);
  for (const [at, [value, percentile, count]] of rows.entries()) {
    const [earlierValue, earlierPercentile, earlierCount] = rows[at - 1] ?? [0, -1, 0];
    assert.ok(value! >= earlierValue! && percentile! >= earlierPercentile!);
    assert.ok(count! >= earlierCount!);
    // Values are 1.000 to 1.999 ms, 0.001 ms apart.
    assert.ok(Math.abs(value! - (1 + (count! - 1) / 1_000)) <= 0.003, `${value} ${count}`);
  }
  assert.equal(rows.at(-1)!.slice(1, 3), [1, 1_000]);
});

test("without a histogram, as for published figures, the text reports that", () => {
  assert.is(
    formatNamed("hgrm").render([resultFixture()], OPTIONS),
    "#[no distribution is kept in what was given]\n",
  );
});

test("a histogram with missing requests has their number, and can still be read", () => {
  const answered = new LatencyHistogram();
  const missing = new LatencyHistogram();
  for (let at = 0; at < 980; at++) answered.recordNs((1_000 + at) * 1_000);
  for (let at = 0; at < 20; at++) missing.recordNs(5e9);
  const serviceTime = toLatency(answered, missing);
  const curve = percentileCurve(serviceTime.histogram!, serviceTime.missing!.histogram);
  for (const each of [answered, missing]) each.destroy();
  assert.is(serviceTime.maxMs, null);
  const result = resultFixture({ operations: [operationFixture({ serviceTime })] });
  const words =
    /^#\[put: 20 of 1,000 requests have no latency: .* of the others alone, .* none above 98% is known\]$/m;
  const log = formatNamed("hlog").render([result], OPTIONS);
  assert.match(log, words);
  const read = new HistogramLogReader(log, 64).nextIntervalHistogram()!;
  assert.is(read.totalCount, 980);
  assert.match(formatNamed("hgrm").render([result], OPTIONS), words);
  assert.is(missingWordsOf(results()), 0);
  // The page's curve ends before the first percentile that the 20 missing requests could change.
  const last = curve.points.at(-1)!;
  assert.ok(last.percentile <= 98 && curve.cutAt! > 98, JSON.stringify(curve.cutAt));
});

const missingWordsOf = (of: ReturnType<typeof results>) =>
  formatNamed("hlog").render(of, OPTIONS).split("missing").length - 1;

test.run();
