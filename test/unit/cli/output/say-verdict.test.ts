/** The verdicts that standard error has where no table on standard output has them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { toldOf } from "../../../../src/cli/output/say-verdict.ts";
import { parseThreshold } from "../../../../src/flags/threshold.ts";
import type { RunResult } from "../../../../src/result/schema.ts";
import { comparisonFixture } from "../../../fixtures/page-fixtures.ts";
import { planFixture, resultFixture, thresholdFixture } from "../../../fixtures/result-fixture.ts";

const LIMIT = parseThreshold("--threshold", "p50<1us");

function judged(outcome: "held" | "broken" | "undecided"): RunResult {
  const plan = planFixture({ judge: { thresholds: [LIMIT] } });
  const threshold = thresholdFixture("p50<1us", { actual: 24.2, outcome, passed: false });
  return resultFixture({ plan, thresholds: [threshold] });
}

test("the verdict of a run has the thresholds that were not held, and is then no good one", () => {
  const told = (outcome: "held" | "broken" | "undecided") =>
    toldOf({ kind: "results", results: [judged(outcome)] });
  assert.equal(told("held"), [{ text: "verdict of put: valid", isGood: true }]);
  for (const [outcome, word] of [
    ["broken", "FAILED"],
    ["undecided", "undecided"],
  ] as const) {
    const [{ text, isGood }, ...others] = told(outcome) as [{ text: string; isGood: boolean }];
    assert.match(
      text,
      new RegExp(`^verdict of put: valid: threshold p50<1us ${word} \\(24\\.2 ms`),
    );
    assert.not(isGood);
    assert.equal(others, []);
  }
});

test("a search has one verdict: the rate that held its limits, or that none did", () => {
  const step = (number: number, isVerification: boolean, outcome: "held" | "broken") => ({
    ...judged(outcome),
    plan: planFixture({
      pacing: { ratePerSec: 1_234.5 },
      judge: { thresholds: [LIMIT] },
      search: { ...SEARCH, limits: [LIMIT] },
    }),
    search: { id: "s", step: number, isVerification },
  });
  const told = (outcome: "held" | "broken") =>
    toldOf({ kind: "results", results: [step(1, false, outcome), step(2, true, outcome)] });
  assert.equal(told("held"), [
    { text: "verdict of put --find-max: 1,234.5/s held p50<1us", isGood: true },
  ]);
  assert.equal(told("broken"), [
    { text: "verdict of put --find-max: no rate was found for p50<1us", isGood: false },
  ]);
});

const SEARCH = { startRatePerSec: 1_000, stepDurationMs: 5_000, precision: 0.05 };

test("a comparison that is invalid or slower is no good one", () => {
  const comparison = comparisonFixture(3, 1.1);
  const told = (kind: "invalid" | "slower" | "no-change") =>
    toldOf({
      kind: "comparison",
      comparison: { ...comparison, verdict: { kind, reasons: ["why"] } },
    });
  assert.equal(told("invalid"), [
    { text: "verdict of the comparison: invalid: why", isGood: false },
  ]);
  assert.is(told("slower")[0]!.isGood, false);
  assert.is(told("no-change")[0]!.isGood, true);
});

test.run();
