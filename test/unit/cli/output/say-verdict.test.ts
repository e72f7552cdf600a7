/** The verdicts that standard error has where no table on standard output has them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { toldOf } from "../../../../src/cli/output/say-verdict.ts";
import { doctorReport } from "../../../../src/doctor/report.ts";
import type { DoctorReport } from "../../../../src/doctor/report-schema.ts";
import { parseThreshold } from "../../../../src/flags/threshold.ts";
import type { RunResult } from "../../../../src/result/schema.ts";
import { cluster } from "../../../fixtures/doctor-evidence.ts";
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

test("the doctor has one verdict, and only a fine one is good", () => {
  const about = { startedAt: new Date(0), tool: "etcd-bench 1", target: "cluster c1" };
  const report = doctorReport(cluster(), { ...about, isInterrupted: false });
  const told = (verdict: DoctorReport["principal"]["verdict"]) =>
    toldOf({
      kind: "doctor",
      report: { ...report, principal: { ...report.principal, verdict, sentence: "It is so." } },
    });
  assert.equal(told("fine"), [{ text: "verdict of the doctor: fine: It is so.", isGood: true }]);
  for (const verdict of ["suspect", "too slow", "not known"] as const) {
    assert.equal(told(verdict), [
      { text: `verdict of the doctor: ${verdict}: It is so.`, isGood: false },
    ]);
  }
});

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
