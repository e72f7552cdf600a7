/** Tests that a threshold on a series that the run does not have is refused. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { parseThreshold } from "../../../src/flags/threshold.ts";
import { checkThresholdSeries } from "../../../src/run/threshold-series.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";

const SERIES = ["put", "put-part"];

function refusal(threshold: string | null, limit: string | null = null): string {
  const plan = planFixture();
  if (threshold !== null) plan.judge.thresholds = [parseThreshold("--threshold", threshold)];
  if (limit !== null) {
    const limits = [parseThreshold("--find-max", limit)];
    const shape = { startRatePerSec: 1, precision: 0.1, stepDurationMs: 1 };
    plan.search = { limits, ...shape };
    // The thresholds of a step include the limits of the search.
    plan.judge.thresholds = [...limits, ...plan.judge.thresholds];
  }
  try {
    checkThresholdSeries(plan, SERIES);
    return "";
  } catch (error) {
    assert.instance(error, BenchError);
    assert.is((error as BenchError).exitCode, 2);
    return (error as BenchError).message;
  }
}

test("a threshold may name any series of the run, or none", () => {
  for (const text of ["p99<1s", "put:p99<1s", "put-part:p99<1s", "part:p99<1s"]) {
    assert.is(refusal(text), "", text);
  }
});

test("the error for any other name gives its flag and the series of the run", () => {
  for (const text of ["range:p99<1s", "fill:p99<1s"]) {
    assert.match(
      refusal(text),
      /^--threshold=".*is no series of this run, which has put, put-part$/,
    );
  }
  assert.match(refusal(null, "range:p99<1s"), /^--find-max="range:p99<1s"/);
});

test.run();
