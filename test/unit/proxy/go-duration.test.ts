import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatGoDuration, parseGoDuration } from "../../../src/proxy/go-duration.ts";

test("durations are printed as Go prints them", () => {
  const printed: [bigint, string][] = [
    [0n, "0s"],
    [1n, "1ns"],
    [1_100n, "1.1µs"],
    [2_200_000n, "2.2ms"],
    [100_000_000n, "100ms"],
    [4_921_439_550n, "4.92143955s"],
    [5_000_000_000n, "5s"],
    [60_000_000_000n, "1m0s"],
    [245_000_000_000n, "4m5s"],
    [245_001_000_000n, "4m5.001s"],
    [18_367_001_000_000n, "5h6m7.001s"],
    [480_000_000_001n, "8m0.000000001s"],
    [-1_500_000_000n, "-1.5s"],
    [2n ** 63n - 1n, "2562047h47m16.854775807s"],
  ];
  for (const [ns, text] of printed) assert.is(formatGoDuration(ns), text);
});

test("durations are read as Go reads them", () => {
  const read: [string, bigint][] = [
    ["0", 0n],
    ["5s", 5_000_000_000n],
    ["+5s", 5_000_000_000n],
    ["-5s", -5_000_000_000n],
    ["-0", 0n],
    ["5.0s", 5_000_000_000n],
    ["5.s", 5_000_000_000n],
    [".5s", 500_000_000n],
    ["1.004s", 1_004_000_000n],
    ["12µs", 12_000n],
    ["12μs", 12_000n],
    ["3h30m", 12_600_000_000_000n],
    ["-1m30.5s", -90_500_000_000n],
    ["0.100000000000000000000h", 360_000_000_000n],
    ["0.3333333333333333333h", 1_200_000_000_000n],
  ];
  for (const [text, ns] of read) assert.is(parseGoDuration(text), ns, text);
});

test("an invalid duration is refused in Go's words", () => {
  const refused: [string, string][] = [
    ["", 'time: invalid duration ""'],
    ["3", 'time: missing unit in duration "3"'],
    ["-", 'time: invalid duration "-"'],
    ["s", 'time: invalid duration "s"'],
    [".", 'time: invalid duration "."'],
    [".s", 'time: invalid duration ".s"'],
    ["+.s", 'time: invalid duration "+.s"'],
    ["1d", 'time: unknown unit "d" in duration "1d"'],
    ["5S", 'time: unknown unit "S" in duration "5S"'],
    ['5"', 'time: unknown unit "\\"" in duration "5\\""'],
    ["\x85\x85", 'time: invalid duration "\\xc2\\x85\\xc2\\x85"'],
    ["3000000h", 'time: invalid duration "3000000h"'],
  ];
  for (const [text, message] of refused) {
    assert.throws(
      () => parseGoDuration(text),
      (error: Error) => error.message === message,
      text,
    );
  }
});

test.run();
