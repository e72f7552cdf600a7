/** Thresholds as a person writes them. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { thresholdSchema } from "../../../src/plan/schema.ts";
import { formatThreshold, parseThreshold } from "../../../src/plan/threshold.ts";

test("each kind of threshold is read into metric, comparison and bound", () => {
  const cases: [string, string, string, number][] = [
    ["p99<20ms", "p99", "<", 20],
    ["p99.9<=50ms", "p999", "<=", 50],
    ["p999<=50ms", "p999", "<=", 50],
    ["qps>10000", "qps", ">", 10_000],
    ["qps>=10k", "qps", ">=", 10_000],
    ["errors<0.1%", "errors", "<", 0.001],
    ["errors<=0", "errors", "<=", 0],
    ["mean<5ms", "mean", "<", 5],
    ["max < 1s", "max", "<", 1000],
  ];
  for (const [text, metric, comparison, bound] of cases) {
    const threshold = parseThreshold("--threshold", text);
    assert.equal(threshold, { expression: text, series: null, metric, comparison, bound });
    thresholdSchema.parse(threshold);
  }
});

test("a threshold may name the series that must hold it", () => {
  for (const [text, series, metric] of [
    ["range:p99<20ms", "range", "p99"],
    ["mixed-txn-put : qps>10", "mixed-txn-put", "qps"],
    [" watch-delivery:p99.9 <= 1s ", "watch-delivery", "p999"],
  ] as const) {
    const threshold = parseThreshold("--threshold", text);
    assert.equal([threshold.series, threshold.metric], [series, metric], text);
    assert.is(threshold.expression, text.trim());
  }
  for (const text of [":p99<1ms", "a:b:p99<1ms", "range:<1ms", "Range:p99<1ms", "range p99<1ms"]) {
    assert.throws(
      () => parseThreshold("--threshold", text),
      (error: unknown) => error instanceof BenchError,
      text,
    );
  }
});

test("a threshold from before there were series is held against all", () => {
  const { series: _, ...old } = parseThreshold("--threshold", "p99<20ms");
  assert.is(thresholdSchema.parse(old).series, null);
});

test("a malformed threshold is refused with its text, the flag and an example", () => {
  const wrong = ["", "p99", "p98<1ms", "p99=1ms", "p99<20", "p99<-1ms", "p99<0ms", "p99>0s"];
  wrong.push("qps>10/s", "qps>fast", "errors<110%", "errors<0%", "qps<0", "p99<1ms<2ms", "P99<1ms");
  for (const text of wrong) {
    assert.throws(
      () => parseThreshold("--threshold", text),
      (error: unknown) =>
        error instanceof BenchError &&
        error.exitCode === 2 &&
        error.message.startsWith(`--threshold: ${JSON.stringify(text)} is not `) &&
        error.message.includes("--threshold='p99<20ms'") &&
        !error.message.includes("\n"),
      text,
    );
  }
});

test("every printed threshold is read back as the same threshold", () => {
  const comparison = fc.constantFrom("<" as const, "<=" as const, ">" as const, ">=" as const);
  const series = fc.constantFrom(null, "range", "mixed-txn-put");
  const latency = fc.record({
    metric: fc.constantFrom("p50" as const, "p999" as const, "mean" as const, "max" as const),
    comparison,
    bound: fc.integer({ min: 1, max: 10 ** 12 }).map((ns) => ns / 1e6),
  });
  const qps = fc.record({
    metric: fc.constant("qps" as const),
    comparison,
    bound: fc.integer({ min: 1, max: 10 ** 9 }),
  });
  const errors = fc.record({
    metric: fc.constant("errors" as const),
    comparison,
    bound: fc.integer({ min: 1, max: 1000 }).map((n) => n / 1000),
  });
  fc.assert(
    fc.property(fc.oneof(latency, qps, errors), series, (figure, name) => {
      const threshold = { ...figure, series: name };
      const { expression, ...read } = parseThreshold("--threshold", formatThreshold(threshold));
      assert.equal(read, { ...threshold });
      assert.is(expression, formatThreshold(threshold));
    }),
  );
});

test.run();
