/** Tests parsing the thresholds that a user writes. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { parseThreshold } from "../../../src/flags/threshold.ts";
import { thresholdSchema } from "../../../src/plan/schema.ts";

test("each kind of threshold is parsed to metric, comparison and bound", () => {
  const cases: [string, string, string, number][] = [
    ["p99<20ms", "p99", "<", 20],
    ["p99.9<=50ms", "p999", "<=", 50],
    ["p999<=50ms", "p999", "<=", 50],
    ["qps>10000", "qps", ">", 10_000],
    ["qps>=10k", "qps", ">=", 10_000],
    ["errors<0.1%", "errors", "<", 0.001],
    ["errors<=0", "errors", "<=", 0],
    ["mean<5ms", "mean", "<", 5],
    ["stddev<=100ms", "stddev", "<=", 100],
    ["max < 1s", "max", "<", 1000],
  ];
  for (const [text, metric, comparison, bound] of cases) {
    const threshold = parseThreshold("--threshold", text);
    assert.equal(threshold, { expression: text, series: null, metric, comparison, bound });
    thresholdSchema.parse(threshold);
  }
});

test("a threshold may name the series that it applies to", () => {
  for (const [text, series, metric] of [
    ["range:p99<20ms", "range", "p99"],
    ["mixed-txn-put : qps>10", "mixed-txn-put", "qps"],
    [" watch-delivery:p99.9 <= 1s ", "watch-delivery", "p999"],
    // Staleness names its series after members.
    ["staleness-10.0.0.1:2379:p99<1s", "staleness-10.0.0.1:2379", "p99"],
    ["staleness-Node_1 (old): max<1s", "staleness-Node_1 (old)", "max"],
  ] as const) {
    const threshold = parseThreshold("--threshold", text);
    assert.equal([threshold.series, threshold.metric], [series, metric], text);
    assert.is(threshold.expression, text.trim());
  }
  for (const text of [":p99<1ms", "range:<1ms", "range p99<1ms", "range:p98<1ms", "p99<1ms:x"]) {
    assert.throws(
      () => parseThreshold("--threshold", text),
      (error: unknown) => error instanceof BenchError,
      text,
    );
  }
});

test("an older threshold without a series applies to all series", () => {
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

test("series and figure are read as written, for any name of a series", () => {
  const figure = fc.constantFrom(
    { text: "p99.9<=1.5ms", metric: "p999", comparison: "<=", bound: 1.5 },
    { text: "qps>10k", metric: "qps", comparison: ">", bound: 10_000 },
    { text: "errors<0.1%", metric: "errors", comparison: "<", bound: 0.001 },
    { text: "stddev>=2s", metric: "stddev", comparison: ">=", bound: 2_000 },
  );
  const series = fc
    .string({ minLength: 1, unit: "grapheme" })
    .map((text) => text.replace(/[\n\r\u2028\u2029]/g, ":").trim())
    .filter((text) => text !== "");
  const gap = fc.constantFrom("", " ");
  fc.assert(
    fc.property(figure, fc.option(series), gap, gap, ({ text, ...read }, name, before, after) => {
      const expression = name === null ? text : `${name}${before}:${after}${text}`;
      const threshold = parseThreshold("--threshold", expression);
      assert.equal(threshold, { expression: expression.trim(), series: name, ...read });
    }),
  );
});

test.run();
