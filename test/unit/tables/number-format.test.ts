/** Formats numbers: fitting units, three digits, `-` for unknown figures. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  formatAskedRate,
  formatBytes,
  formatCount,
  formatDuration,
  formatMegabytes,
  formatMs,
  formatPercent,
  formatRate,
  formatRatio,
} from "../../../src/tables/number-format.ts";
import { formatNoun } from "../../../src/text/noun.ts";

test("a duration has the fitting unit, also where rounding moves it to the next unit", () => {
  const cases: [number, string][] = [
    [0, "0 ms"],
    [1e-6, "0 ms"],
    [0.000_053, "0.0530 µs"],
    [0.0531, "53.1 µs"],
    [0.9994, "999 µs"],
    [0.99996, "1.00 ms"],
    [2.2, "2.20 ms"],
    [52.64, "52.6 ms"],
    [99.96, "100 ms"],
    [999.4, "999 ms"],
    [999.6, "1.00 s"],
    [1300, "1.30 s"],
    [120_000, "120 s"],
    [900_000, "15.0 min"],
  ];
  for (const [ms, text] of cases) assert.is(formatDuration(ms), text);
});

test("a printed duration reads back as the same value, within its three digits", () => {
  const unitMs: Record<string, number> = { µs: 1e-3, ms: 1, s: 1000, min: 60_000 };
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 3.6e6, noNaN: true }), (ms) => {
      const [number, unit] = formatDuration(ms).split(" ");
      const read = Number(number!.replaceAll(",", "")) * unitMs[unit!]!;
      assert.ok(Math.abs(read / ms - 1) < 0.006, `${ms} became ${number} ${unit}`);
    }),
  );
});

test("bytes are decimal, as published", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [256, "256 B"],
    [999.6, "1.00 kB"],
    [48e6, "48.0 MB"],
    [999.6e6, "1.00 GB"],
    [8e9, "8.00 GB"],
  ];
  for (const [bytes, text] of cases) assert.is(formatBytes(bytes), text);
  assert.is(formatMegabytes(124e6), "124");
});

test("counts, rates, shares and ratios", () => {
  assert.is(formatCount(1_234_567), "1,234,567");
  const asked = [1_234.5, 2_000, 0.7, 7 / 60, 1 / 3600, 1e-7, 1_234_567].map(formatAskedRate);
  assert.equal(asked, [
    ...["1,234.5", "2,000", "0.7", "0.116667", "0.000277778", "0.000000100", "1,234,567"],
  ]);
  assert.is(formatRate(44_341.4), "44,341");
  assert.is(formatRate(12.34), "12.3");
  assert.is(formatRate(1), "1.00");
  assert.is(formatRate(0.09996), "0.100");
  assert.is(formatRate(1 / 60), "0.0167");
  assert.is(formatRate(20 / 3600), "0.00556");
  assert.is(formatRate(1 / 3600), "0.000278");
  assert.is(formatRate(-1 / 3600), "-0.000278");
  assert.is(formatRate(0), "0");
  assert.is(formatMs(0.3), "0.300");
  assert.is(formatMs(0.053), "0.053");
  assert.is(formatMs(1300), "1,300");
  assert.is(formatPercent(0), "0%");
  assert.is(formatPercent(0.42), "0.4%");
  assert.is(formatPercent(37.4), "37%");
  assert.is(formatRatio(0.818), "0.82x");
  assert.is(formatRatio(1.1), "1.10x");
  assert.is(formatRatio(12.34), "12.3x");
  assert.is(formatNoun(1, "client"), "1 client");
  assert.is(formatNoun(1000, "client"), "1,000 clients");
});

test("an unknown figure is a dash", () => {
  const formats = [
    formatBytes,
    formatCount,
    formatDuration,
    formatMegabytes,
    formatMs,
    formatPercent,
    formatRate,
    formatRatio,
  ];
  for (const format of formats) assert.is(format(null), "-");
});

test.run();
