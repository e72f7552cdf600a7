/** Tests the flags for error rates, searches and thresholds, and values that are refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { GivenFlags } from "../../../src/flags/flag.ts";
import { refuses } from "../../harness/refusal.ts";
import { put } from "./planned-runs.ts";

test("the error rate is a fraction or a percentage", () => {
  assert.is(put({ "max-error-rate": "1%" }).plan.judge.maxErrorRate, 0.01);
  assert.is(put({ "max-error-rate": "0.01" }).plan.judge.maxErrorRate, 0.01);
  for (const wrong of ["-1", "2", "101%", "some", ""]) {
    refuses(() => put({ "max-error-rate": wrong }), "--max-error-rate", JSON.stringify(wrong));
  }
});

test("a search has its limits, steps by default, and a verification of 30 s", () => {
  const { plan, notes } = put({ "find-max": ["p99<20ms", "errors<1%"], clients: "50" });
  assert.equal(notes, []);
  const { limits, ...rest } = plan.search!;
  assert.equal(
    limits.map(({ expression }) => expression),
    ["p99<20ms", "errors<1%"],
  );
  assert.equal(rest, { startRatePerSec: 1_000, precision: 0.05, stepDurationMs: 5_000 });
  assert.is(plan.pacing.ratePerSec, 1_000);
  assert.equal([plan.limits.totalRequests, plan.limits.durationMs], [null, 30_000]);
  assert.is(plan.judge.maxErrorRate, 0.01, "what the search allows is no failure");
  assert.is(put({ "find-max": ["errors<1%"], "max-error-rate": "0" }).plan.judge.maxErrorRate, 0);
  const own = put({
    "find-max": ["p99.9<1s"],
    "find-start": "10k",
    "find-step-duration": "500ms",
    "find-precision": "10%",
    duration: "1m",
    arrival: "poisson",
    clients: "2",
  });
  assert.equal(own.notes, []);
  assert.is(own.plan.limits.durationMs, 60_000);
  const { limits: _, ...settings } = own.plan.search!;
  assert.equal(settings, { startRatePerSec: 10_000, precision: 0.1, stepDurationMs: 500 });
});

test("a search by one client, and search flags without a search, give a note", () => {
  assert.match(
    put({ "find-max": ["p99<20ms"] }).notes[0]!,
    /^--find-max with one client .*--clients/,
  );
  for (const [name, text] of [
    ["find-start", "1"],
    ["find-step-duration", "1s"],
    ["find-precision", "1%"],
  ] as const) {
    assert.match(put({ [name]: text }).notes[0]!, new RegExp(`^--${name} has no effect`));
  }
});

test("a search is refused with a limit that a lower rate cannot meet, a rate or a total", () => {
  for (const wrong of ["qps>1000", "qps<5", "p99>20ms", "errors>=1%", "nonsense", "p99<20"]) {
    refuses(() => put({ "find-max": [wrong] }), "--find-max", JSON.stringify(wrong));
  }
  const find = { "find-max": ["p99<20ms"] };
  refuses(() => put({ ...find, rate: "10" }), "--find-max", "--rate", "--find-start");
  refuses(() => put({ ...find, total: "10" }), "--find-max", "--total", "--duration");
  for (const [name, ...values] of [
    ["find-start", "0", "-1", "x", "0.5"],
    ["find-step-duration", "5", "1ms", "0s", "2h"],
    ["find-precision", "0", "0.1%", "60%", "x"],
  ] as const) {
    for (const value of values) {
      refuses(() => put({ ...find, [name]: value }), `--${name}: `, JSON.stringify(value));
    }
  }
});

test("all thresholds are in the plan, in order", () => {
  const { thresholds } = put({ threshold: ["p99<20ms", "qps>10k"] }).plan.judge;
  assert.equal(
    thresholds.map((each) => [each.expression, each.bound]),
    [
      ["p99<20ms", 20],
      ["qps>10k", 10_000],
    ],
  );
});

const wrongValues: [keyof GivenFlags, string[]][] = [
  ["conns", ["0", "-1", "1.5", "x", "", "100001", "1e3", "99999999999999999999"]],
  ["clients", ["0", "-1", "0.5", "x", "", "1000001"]],
  ["workers", ["0", "-2", "1.1", "x", "1025"]],
  ["total", ["0", "-5", "2.5", "many", "", "9007199254740992"]],
  ["duration", ["0s", "-1s", "10", "1d", "", "501h", "1ns"]],
  ["timeout", ["0ms", "-1s", "10", "", "61m"]],
  ["dial-timeout", ["-1s", "10", "", "61m", "1us"]],
  ["auto-sync-interval", ["-1s", "10", "", "x"]],
  ["rate", ["-1", "x", "", "10000001", "1/y"]],
  ["seed", ["-1", "1.5", "4294967296", "x", ""]],
  ["key-size", ["0", "-8", "1.5", "2MiB", "x", ""]],
  ["val-size", ["-1", "1.5", "1GiB", "x", ""]],
  ["key-space-size", ["0", "-1", "1.5", "9007199254740992", "x", ""]],
  ["key-encoding", ["", "hex", "FIXED"]],
  ["transport", ["", "http", "grpc"]],
  ["arrival", ["", "random"]],
  ["pacing", ["", "sleep"]],
];

for (const [flag, values] of wrongValues) {
  test(`--${flag} refuses invalid values in one line with an example`, () => {
    for (const value of values) {
      refuses(() => put({ [flag]: value }), `--${flag}: `, JSON.stringify(value), `--${flag}=`);
    }
  });
}

test("a malformed threshold is refused", () => {
  refuses(() => put({ threshold: ["p99<20ms", "nonsense"] }), "--threshold", "nonsense");
});

test.run();
