/** Tests units in the user's notation: parsed, printed and refused. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as units from "../../src/units.ts";
import { refuses } from "../harness/refusal.ts";

const any = { example: "1" };

test("durations are read in every unit, also combined as Go writes them", () => {
  const cases: [string, number][] = [
    ["500us", 0.5],
    ["500µs", 0.5],
    ["20ms", 20],
    ["1.5s", 1500],
    ["10s", 10_000],
    ["1m", 60_000],
    ["1h", 3_600_000],
    ["1m30s", 90_000],
    ["1h0m0.5s", 3_600_500],
  ];
  for (const [text, ms] of cases) assert.is(units.parseDurationMs("--duration", text, any), ms);
});

test("a duration without a unit, with a sign, or with a word gives an error that names the flag", () => {
  for (const text of ["10", "-5s", "+5s", "", "s", "ten seconds", "10 s", "1e3s", "5d", "1s "]) {
    const parse = () => units.parseDurationMs("--duration", text, { example: "30s" });
    refuses(parse, "--duration: ", JSON.stringify(text), "--duration=30s");
  }
});

test("the error for a duration outside its bounds gives the bound in readable units", () => {
  const bounds = { min: 1, max: 3_600_000, example: "10s" };
  refuses(() => units.parseDurationMs("--timeout", "0s", bounds), "at least 1ms");
  refuses(() => units.parseDurationMs("--timeout", "2h", bounds), "at most 1h");
});

test("every printed duration is read back as the same number", () => {
  const durations = fc.oneof(
    fc.integer({ min: 1, max: 2 ** 31 }),
    fc.integer({ min: 1, max: 10 ** 9 }).map((ns) => ns / 1e6),
    fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
  );
  fc.assert(
    fc.property(durations, (ms) => {
      assert.is(units.parseDurationMs("--x", units.formatDuration(ms), any), ms);
    }),
    { examples: [[953226089.1583778]] },
  );
});

test("durations are printed in the usual notation", () => {
  assert.is(units.formatDuration(90_000), "1m30s");
  assert.is(units.formatDuration(3_600_000), "1h");
  assert.is(units.formatDuration(10_000), "10s");
  assert.is(units.formatDuration(1500), "1.5s");
  assert.is(units.formatDuration(20), "20ms");
  assert.is(units.formatDuration(0.5), "500us");
});

test("sizes are read in decimal and binary units", () => {
  const cases: [string, number][] = [
    ["256", 256],
    ["0", 0],
    ["4KiB", 4096],
    ["1MB", 1_000_000],
    ["1.5MiB", 1_572_864],
    ["2kB", 2000],
    ["16B", 16],
    ["4k", 4000],
    ["1M", 1_000_000],
    ["64Ki", 65_536],
  ];
  for (const [text, bytes] of cases)
    assert.is(units.parseSizeBytes("--val-size", text, any), bytes);
});

test("sizes that are malformed, negative or not a whole number of bytes are refused", () => {
  for (const text of [
    "-1",
    "1.5",
    "0.3KiB",
    "4 KiB",
    "4m",
    "1XB",
    "1kiB",
    "B",
    "",
    "1e3",
    "1constructor",
  ]) {
    refuses(
      () => units.parseSizeBytes("--val-size", text, any),
      "--val-size",
      JSON.stringify(text),
    );
  }
});

test("every printed size is read back as the same number", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 44 }),
      fc.integer({ min: 0, max: 8 }),
      (n, shift) => {
        const bytes = n * 2 ** shift;
        assert.is(units.parseSizeBytes("--x", units.formatSize(bytes), any), bytes);
      },
    ),
  );
});

test("counts are read with k, M and G, exactly", () => {
  const cases: [string, number][] = [
    ["10000", 10_000],
    ["10k", 10_000],
    ["1M", 1_000_000],
    ["1.5k", 1500],
    ["0.07k", 70],
    ["2.001k", 2001],
    ["64Ki", 65_536],
    ["64KiB", 65_536],
    ["1MB", 1_000_000],
  ];
  for (const [text, count] of cases) assert.is(units.parseCount("--total", text, any), count);
});

test("counts that are fractional, negative, malformed or beyond 2^53 are refused", () => {
  for (const text of [
    "2.5",
    "-1",
    "1.0005k",
    "10,000",
    "0x10",
    "1e6",
    "NaN",
    "",
    "9007199254740993",
  ]) {
    refuses(() => units.parseCount("--total", text, any), "--total", JSON.stringify(text));
  }
  refuses(() => units.parseCount("--total", "0", { min: 1, example: "10k" }), "at least 1");
});

test("every printed count is read back as the same number", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9_000_000 }),
      fc.constantFrom(1, 1e3, 1e6, 1e9),
      (n, k) => {
        const count = n * k;
        assert.is(units.parseCount("--x", units.formatCount(count), any), count);
      },
    ),
  );
});

test("rates are read per second, per minute and per hour", () => {
  const cases: [string, number][] = [
    ["5000", 5000],
    ["10k", 10_000],
    ["5000/s", 5000],
    ["300/m", 5],
    ["1/h", 1 / 3600],
    ["0.5", 0.5],
    ["0", 0],
  ];
  for (const [text, rate] of cases) assert.is(units.parseRatePerSec("--rate", text, any), rate);
});

test("rates that are negative or have an unknown period are refused", () => {
  for (const text of ["-5", "5/d", "5/", "/s", "5/constructor", "fast", "5 /s", "Infinity"]) {
    refuses(() => units.parseRatePerSec("--rate", text, any), "--rate", JSON.stringify(text));
  }
});

test("every printed rate is read back as the same number", () => {
  const rates = fc.tuple(
    fc.integer({ min: 1, max: 10 ** 7 }),
    fc.constantFrom(1, 60, 3600, 8, 1000),
  );
  fc.assert(
    fc.property(rates, ([count, seconds]) => {
      const rate = count / seconds;
      assert.is(units.parseRatePerSec("--x", units.formatRate(rate), any), rate);
    }),
  );
});

test("fractions are read as a number or a percentage, up to 1", () => {
  assert.is(units.readFraction("1%"), 0.01);
  assert.is(units.readFraction("0.01"), 0.01);
  assert.is(units.readFraction("100%"), 1);
  assert.is(units.readFraction("0"), 0);
  for (const text of ["101%", "1.1", "-1%", "", "%", "a"])
    assert.is(units.readFraction(text), null);
});

test("a small share is printed without an exponent, and is read back as the same fraction", () => {
  for (const [fraction, text] of [
    [0.05, "5%"],
    [0.000_1, "0.01%"],
    [1e-9, "0.0000001%"],
  ] as const) {
    assert.is(units.formatShare(fraction), text);
    assert.ok(Math.abs(units.readFraction(text)! / fraction - 1) < 1e-9, text);
  }
});

test("a very long value is shortened in the message", () => {
  refuses(() => units.parseCount("--total", "x".repeat(10_000), any), "xxx...");
});

test.run();
