/** Owns what pages are made of in tests, beside a single result: a grid, a search, a comparison, a trend. */
import { compareRuns } from "../src/compare/compare.ts";
import type { Comparison } from "../src/compare/schema.ts";
import type { Trend, TrendSeries } from "../src/compare/trend/schema.ts";
import { parseThreshold } from "../src/plan/threshold.ts";
import type { RunResult } from "../src/result/schema.ts";
import {
  latencyFixture,
  operationFixture,
  planFixture,
  resultFixture,
  thresholdFixture,
} from "./result-fixture.ts";

/** A put run of so many clients, ten a connection. */
export function gridRun(
  clients: number,
  valSizeBytes: number,
  throughputPerSec: number,
): RunResult {
  const result = resultFixture({
    plan: { load: { clients, connections: clients / 10 } },
    operations: [operationFixture({ throughputPerSec })],
  });
  if (result.plan.workload.kind === "put") result.plan.workload.valSizeBytes = valSizeBytes;
  return result;
}

/** Steps of a search for p99<20ms; the last one verifies. */
export function searchFixture(steps: readonly { rate: number; p99Ms: number }[]): RunResult[] {
  return steps.map(({ rate, p99Ms }, at) => {
    const limits = [parseThreshold("--find-max", "p99<20ms")];
    const search = { limits, startRatePerSec: 1_000, precision: 0.05, stepDurationMs: 5_000 };
    const responseTime = latencyFixture({ p50Ms: p99Ms / 4, p99Ms });
    return resultFixture({
      id: `step${at}`,
      plan: planFixture({ pacing: { ratePerSec: rate }, search }),
      operations: [operationFixture({ throughputPerSec: rate, responseTime })],
      thresholds: [thresholdFixture("p99<20ms", { actual: p99Ms, passed: p99Ms < 20 })],
      search: { id: "s1", step: at + 1, isVerification: at === steps.length - 1 },
    });
  });
}

/** So many runs a side, in turns, each head slower by `factor`. */
export function comparisonFixture(
  runs: number,
  factor: number,
  baseLabel = "results/base",
): Comparison {
  const run = (side: string, at: number, throughputPerSec: number) => {
    const minute = String(at).padStart(2, "0");
    return resultFixture({
      id: `${side}${at}`,
      startedAt: `2026-08-01T10:${minute}:${side === "base" ? "00" : "30"}.000Z`,
      operations: [operationFixture({ throughputPerSec })],
    });
  };
  const indices = Array.from({ length: runs }, (_, at) => at);
  return compareRuns(
    indices.map((at) => run("base", at, 40_000 + at * 7)),
    indices.map((at) => run("head", at, (40_000 + at * 11) / factor)),
    { baseLabel, headLabel: "results/head" },
  );
}

/** Twenty nights, a quarter slower from the thirteenth on, the fourth one an outlier. */
export function seriesFixture(overrides: Partial<TrendSeries> = {}): TrendSeries {
  return {
    segment: 0,
    cell: "put conns=1 clients=1",
    operation: "put",
    metric: "p99",
    unit: "ms",
    better: "lower",
    clock: "service",
    isGate: true,
    reason: null,
    leastEffect: 0.1,
    points: Array.from({ length: 20 }, (_, at) => ({
      night: `night-${at}`,
      startedAt: `2026-08-${String(at + 1).padStart(2, "0")}T02:00:00.000Z`,
      commit: at === 12 ? "4f2a9c1" : null,
      comparisonId: `c${at}`,
      base: 10,
      head: at < 12 ? 10 : 12.5,
      ratio: at < 12 ? 1 : 1.25,
      isOutlier: at === 3,
    })),
    levels: [
      { from: 0, to: 12, ratio: 1 },
      { from: 12, to: 20, ratio: 1.25 },
    ],
    changes: [
      {
        at: 12,
        earliest: 11,
        latest: 13,
        effect: 1.25,
        direction: "slower",
        pValue: 0.001,
        isReported: true,
      },
    ],
    isNewestFar: false,
    alarm: { effect: 1.25, at: 12 },
    ...overrides,
  };
}

export function trendFixture(series: TrendSeries[]): Trend {
  return {
    kind: "trend",
    schemaVersion: 1,
    id: "t1",
    source: "results/nightly",
    startedAt: "2026-08-01T02:00:00.000Z",
    endedAt: "2026-08-20T02:00:00.000Z",
    nights: 20,
    segments: [
      {
        host: "4 x CPU",
        reference: "etcd 3.5.30",
        firstNight: "night-0",
        lastNight: "night-19",
        nights: 20,
        isNewest: true,
      },
    ],
    series,
    leftOut: [],
    verdict: { kind: "alarm", reasons: ["put p99 +25.0% against its best"] },
    notes: ["<b>note</b>"],
  };
}
