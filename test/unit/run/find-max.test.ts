/** Tests --find-max with made-up runs: the plan of each step, and how a search ends. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError, unreachableError } from "../../../src/errors.ts";
import { parseThreshold } from "../../../src/flags/threshold.ts";
import type { RunPlan, Search } from "../../../src/plan/schema.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { searchesOf, stepOutcome } from "../../../src/result/search.ts";
import { findMax, type SearchTime, stepPlan } from "../../../src/run/find-max.ts";
import { checkThresholds } from "../../../src/run/thresholds.ts";
import { runResultSchema } from "../../../src/saved/schemas.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { toLatency } from "../../../src/stats/latency.ts";
import {
  latencyFixture,
  operationFixture,
  planFixture,
  resultFixture,
} from "../../fixtures/result-fixture.ts";

test.before(initHistograms);

function searchFor(...limits: string[]): Search {
  return {
    limits: limits.map((text) => parseThreshold("--find-max", text)),
    startRatePerSec: 1_000,
    precision: 0.05,
    stepDurationMs: 2_000,
  };
}

function planFor(search: Search): RunPlan {
  return planFixture({ search, limits: { totalRequests: null, durationMs: 20_000 } });
}

/** The result of a run of `plan` with this p99; null: too few samples. */
function resultOf(plan: RunPlan, p99Ms: number | null): RunResult {
  const few = { count: 999, minMs: 1, p50Ms: 1, p90Ms: 2, p95Ms: 3, p99Ms: null };
  const responseTime = latencyFixture(p99Ms === null ? few : { p99Ms });
  const operations = [operationFixture({ responseTime, littlesLaw: null })];
  const thresholds = checkThresholds(plan.judge.thresholds, operations);
  return resultFixture({ plan, operations, thresholds });
}

const p99At = (ratePerSec: number) => ratePerSec / 500;

async function findOn(run: (plan: RunPlan) => Promise<RunResult>, search = searchFor("p99<20ms")) {
  return findMax(planFor(search), search, {}, run);
}

test("the search finds the rate, and its results record every step", async () => {
  const { results, failure } = await findOn(async (plan) =>
    resultOf(plan, p99At(plan.pacing.ratePerSec!)),
  );
  assert.is(failure, null);
  for (const result of results) assert.equal(runResultSchema.parse(result), result);
  assert.equal(
    results.map(({ search }) => search!.step),
    results.map((_, index) => index + 1),
  );
  assert.is(new Set(results.map(({ search }) => search!.id)).size, 1);
  const [record] = searchesOf(results);
  const rate = record!.found!.plan.pacing.ratePerSec!;
  assert.ok(rate < 10_000 && rate > 9_500, String(rate));
  assert.is(record!.found!.search!.isVerification, true);
  assert.is(record!.found!.plan.limits.durationMs, 20_000);
  assert.is(results[0]!.plan.limits.durationMs, 2_000);
  assert.is(results[0]!.plan.pacing.ratePerSec, 1_000);
});

test("all steps share what is known of the members of clusters", async () => {
  const search = searchFor("p99<20ms");
  const seen: unknown[] = [];
  await findMax(planFor(search), search, {}, async (plan, options) => {
    seen.push(options?.seen);
    return resultOf(plan, p99At(plan.pacing.ratePerSec!));
  });
  assert.ok(seen.length > 1 && seen[0] !== undefined);
  assert.is(new Set(seen).size, 1);
});

test("each step gets the remaining time, a lower bound until a rate has failed, and the last step none", async () => {
  const search = searchFor("p99<20ms");
  const left: (SearchTime | null)[] = [];
  const { results } = await findMax(
    planFor(search),
    search,
    { onStep: (_, time) => left.push(time) },
    async (plan) => resultOf(plan, p99At(plan.pacing.ratePerSec!)),
  );
  assert.is(left.length, results.length);
  assert.is(left.at(-1), null);
  // The runs of this test take no time, so the remaining time is a sum of durations.
  assert.equal(left.at(-2), { ms: 20_000, isLeast: false });
  const firstKnown = left.findIndex((each) => each?.isLeast === false);
  assert.ok(firstKnown > 0 && left.slice(0, firstKnown).every((each) => each!.isLeast));
  assert.ok(left[0]!.ms > 20_000 + 4 * 2_000, String(left[0]!.ms));
  assert.ok(left[firstKnown]!.ms > 20_000 + 4 * 2_000, String(left[firstKnown]!.ms));
});

test("a step is long enough for the percentile of its limit, up to the full duration", () => {
  const durationAt = (limit: string, ratePerSec: number) => {
    const search = searchFor(limit);
    return stepPlan(planFor(search), search, ratePerSec, false).limits.durationMs!;
  };
  assert.is(durationAt("p99<20ms", 1_000), 2_000);
  assert.is(Math.round(durationAt("p99<20ms", 100)), 11_000);
  assert.is(durationAt("p99<20ms", 10), 20_000);
  assert.is(durationAt("mean<20ms", 1), 2_000);
});

test("the limits are thresholds of every step, before those of the user", () => {
  const search = searchFor("p99<20ms", "errors<1%");
  const plan = planFor(search);
  plan.judge.thresholds = [parseThreshold("--threshold", "qps>10")];
  const { thresholds } = stepPlan(plan, search, 500, true).judge;
  assert.equal(
    thresholds.map(({ expression }) => expression),
    ["p99<20ms", "errors<1%", "qps>10"],
  );
});

test("too few samples, a failed run and an interrupt end the search at their step", async () => {
  const endings: [StepEnd, Partial<RunResult>, number | null][] = [
    ["unmeasured", {}, null],
    ["failed", { status: "failed" }, 1],
    ["interrupted", { status: "interrupted" }, 1],
  ];
  for (const [outcome, change, p99Ms] of endings) {
    let runs = 0;
    const { results } = await findOn(async (plan) => {
      runs += 1;
      return runs < 3 ? resultOf(plan, 1) : { ...resultOf(plan, p99Ms), ...change };
    });
    assert.is(results.length, 3);
    assert.is(stepOutcome(results[2]!), outcome);
    assert.is(searchesOf(results)[0]!.found, null);
  }
});

type StepEnd = ReturnType<typeof stepOutcome>;

test("a target that goes away ends the search with its reason, and the finished steps are kept", async () => {
  let runs = 0;
  const { results, failure } = await findOn(async (plan) => {
    runs += 1;
    if (runs === 4) throw unreachableError("gone");
    return resultOf(plan, 1);
  });
  assert.is(results.length, 3);
  assert.is(failure?.message, "gone");
  assert.is(failure?.exitCode, 3);
});

test("a target that is unreachable from the start fails the command without a search", async () => {
  try {
    await findOn(async () => {
      throw unreachableError("never there");
    });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, BenchError);
    assert.is((error as BenchError).message, "never there");
  }
});

test("a client that is too slow, and a rate that is not met, limit the search with their own outcomes", async () => {
  for (const kind of ["client-limited", "rate-unmet"] as const) {
    const { results } = await findOn(async (plan) => {
      const isAbove = plan.pacing.ratePerSec! > 3_000;
      const result = resultOf(plan, 1);
      return isAbove ? { ...result, verdict: { kind, reasons: ["so"] } } : result;
    });
    const above = results.filter(({ plan }) => plan.pacing.ratePerSec! > 3_000);
    assert.ok(above.length > 0);
    assert.ok(above.every((result) => stepOutcome(result) === kind));
    const rate = searchesOf(results)[0]!.found!.plan.pacing.ratePerSec!;
    assert.ok(rate <= 3_000 && rate > 2_850, String(rate));
  }
});

test("one stall in the first step does not limit a target that holds 16,000 a second", async () => {
  for (const kind of ["rate-unmet", "client-limited", "errors", "valid"] as const) {
    let runs = 0;
    const { results } = await findOn(async (plan) => {
      runs += 1;
      const { ratePerSec } = plan.pacing;
      const isStalled = runs === 1;
      const result = resultOf(plan, isStalled || ratePerSec! > 16_000 ? 500 : 1);
      return isStalled ? { ...result, verdict: { kind, reasons: ["stalled"] } } : result;
    });
    const rate = searchesOf(results)[0]!.found!.plan.pacing.ratePerSec!;
    assert.ok(rate <= 16_000 && rate > 15_200, `${kind}: ${rate}`);
  }
});

test("a step with slightly too few samples is decided by its bounds", async () => {
  const { results } = await findOn(async (plan) => {
    const isAbove = plan.pacing.ratePerSec! > 3_000;
    const result = resultOf(plan, null);
    const figures = isAbove
      ? { count: 996, p90Ms: 30, p95Ms: 40, maxMs: 90 }
      : { count: 996, p90Ms: 5, p95Ms: 6, maxMs: 9 };
    const responseTime = latencyFixture({ p99Ms: null, minMs: 1, p50Ms: 2, ...figures });
    const operations = [operationFixture({ responseTime, littlesLaw: null })];
    const thresholds = checkThresholds(plan.judge.thresholds, operations);
    return { ...result, operations, thresholds };
  });
  const rate = searchesOf(results)[0]!.found!.plan.pacing.ratePerSec!;
  assert.ok(rate <= 3_000 && rate > 2_850, String(rate));
});

test("a step with few samples that failed requests leave undecided is measured a second time", async () => {
  let runs = 0;
  const { results } = await findOn(async (plan) => {
    runs += 1;
    const { ratePerSec } = plan.pacing;
    const isHit = runs === 2;
    const answered = Array(isHit ? 597 : 600).fill(ratePerSec! > 3_000 ? 90 : 5);
    const responseTime = latencyOf(answered, isHit ? Array(3).fill(1) : []);
    const operations = [operationFixture({ responseTime, littlesLaw: null })];
    const { search, judge } = plan;
    const thresholds = checkThresholds(judge.thresholds, operations, search!.limits);
    return resultFixture({ plan, operations, thresholds });
  });
  assert.equal(results.slice(0, 3).map(stepOutcome), ["held", "undecided", "held"]);
  assert.is(results[2]!.plan.pacing.ratePerSec, results[1]!.plan.pacing.ratePerSec);
  const rate = searchesOf(results)[0]!.found!.plan.pacing.ratePerSec!;
  assert.ok(rate <= 3_000 && rate > 2_850, String(rate));
});

/** With `missingMs`, how long those without a latency had waited. */
function latencyOf(answeredMs: readonly number[], missingMs: readonly number[]) {
  const [answered, missing] = [new LatencyHistogram(), new LatencyHistogram()];
  for (const ms of answeredMs) answered.recordNs(ms * 1e6);
  for (const ms of missingMs) missing.recordNs(ms * 1e6);
  const latency = toLatency(answered, missing);
  answered.destroy();
  missing.destroy();
  return latency;
}

test("a step with more errors than allowed fails", async () => {
  const { results } = await findOn(async (plan) => {
    const result = resultOf(plan, 1);
    const isAbove = plan.pacing.ratePerSec! > 3_000;
    return isAbove ? { ...result, verdict: { kind: "errors", reasons: ["some"] } } : result;
  });
  assert.ok(results.some((result) => stepOutcome(result) === "errors"));
  assert.ok(searchesOf(results)[0]!.found!.plan.pacing.ratePerSec! <= 3_000);
});

test("after a stop between two steps, no step is measured", async () => {
  const search = searchFor("p99<20ms");
  const stop = new AbortController();
  const { results } = await findMax(
    planFor(search),
    search,
    { stop: stop.signal },
    async (plan) => {
      stop.abort();
      return resultOf(plan, 1);
    },
  );
  assert.is(results.length, 1);
});

test.run();
