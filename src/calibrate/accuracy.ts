/**
 * Measures the third section: how far the client's percentiles are from the true ones, on a fake etcd
 * that delays each put by a known time.
 */

import type { DelayDistribution } from "../fake-etcd/delays/delayed-answers.ts";
import type { Latency } from "../result/schema.ts";
import { LatencyHistogram } from "../stats/histogram.ts";
import { carriesPercentile, NS_PER_MS } from "../stats/latency.ts";
import { type Cell, type CellControls, measureCell } from "./cell.ts";
import type { FakeEtcdProcess } from "./fake-etcd-process.ts";
import type { AccuracyFigures, PercentileError } from "./report.ts";
import { PUT_WORKLOAD } from "./workloads.ts";

/** Mean 6 ms, p50 5 ms, p99 21 ms, p99.9 38 ms: a disk's shape, with a bottom that is never 0. */
export const DELAYS: DelayDistribution = {
  seed: 1,
  leastMs: 2,
  medianMs: 3,
  sigma: 0.8,
  mostMs: 100,
};

const CONNECTIONS = 10;
/** So few that neither side is near its limit: this is about clocks, not about throughput. */
const CLOSED_CLIENTS = 20;
const RATE_PER_SEC = 3_000;
/** Twenty are in flight on average; none of the due requests may wait for a client. */
const PACED_CLIENTS = 300;

const PERCENTILES: readonly [percentile: number, field: "p50Ms" | "p90Ms" | "p99Ms" | "p999Ms"][] =
  [
    [50, "p50Ms"],
    [90, "p90Ms"],
    [99, "p99Ms"],
    [99.9, "p999Ms"],
  ];

/** `server` delays by DELAYS. Nothing is warmed up with puts: the truth holds every one of them. */
export async function measureAccuracy(
  requests: number,
  server: FakeEtcdProcess,
  controls: CellControls,
): Promise<AccuracyFigures[]> {
  const loops = [
    { loop: "closed", ratePerSec: null, clients: CLOSED_CLIENTS },
    { loop: "paced", ratePerSec: RATE_PER_SEC, clients: PACED_CLIENTS },
  ] as const;
  const rows: AccuracyFigures[] = [];
  for (const { loop, ratePerSec, clients } of loops) {
    const cell: Cell = {
      workload: PUT_WORKLOAD,
      transport: "wire",
      connections: CONNECTIONS,
      clients,
      ratePerSec,
      wait: "nap",
      totalRequests: requests,
      durationMs: null,
      warmupMs: null,
    };
    const outcome = await measureCell(cell, server, controls);
    const { serviceTime } = outcome.result.operations[0]!;
    const truth = new LatencyHistogram();
    truth.addEncoded(outcome.server.delays!);
    rows.push({
      loop,
      ratePerSec,
      connections: CONNECTIONS,
      clients,
      requests: serviceTime.count,
      delayedByServer: truth.count,
      percentiles: compare(serviceTime, truth),
    });
    truth.destroy();
  }
  return rows;
}

function compare(measured: Latency, truth: LatencyHistogram): PercentileError[] {
  return PERCENTILES.map(([percentile, field]) => {
    const measuredMs = measured[field];
    const trueMs = carriesPercentile(truth.count, percentile)
      ? truth.percentileNs(percentile) / NS_PER_MS
      : null;
    const errorMs = measuredMs === null || trueMs === null ? null : measuredMs - trueMs;
    const errorPercent = errorMs === null || trueMs === null ? null : (errorMs / trueMs) * 100;
    return { percentile, trueMs, measuredMs, errorMs, errorPercent };
  });
}
