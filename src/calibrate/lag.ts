/** Measures the second section: how late paced requests leave under each pacing, and what it costs. */
import { type CellControls, measureCell } from "./cell.ts";
import type { FakeEtcdProcess } from "./fake-etcd-process.ts";
import type { LagFigures } from "./report.ts";
import { PUT_WORKLOAD } from "./workloads.ts";

export interface LagOptions {
  connections: number;
  clients: number;
  /** Of each cell; a low rate has longer ones. */
  leastMs: number;
}

const RATES_PER_SEC = [1_000, 10_000];
const WAITS = ["nap", "spin", "timer"] as const;
const WARMUP_MS = 200;
/** p99 takes a thousand requests, and not all are in the lag. */
const LEAST_REQUESTS = 1_600;

export async function measureLag(
  { connections, clients, leastMs }: LagOptions,
  server: FakeEtcdProcess,
  controls: CellControls,
): Promise<LagFigures[]> {
  const rows: LagFigures[] = [];
  for (const ratePerSec of RATES_PER_SEC) {
    for (const wait of WAITS) {
      const { result } = await measureCell(
        {
          workload: PUT_WORKLOAD,
          transport: "wire",
          connections,
          clients,
          ratePerSec,
          wait,
          totalRequests: null,
          durationMs: Math.max(leastMs, (1_000 * LEAST_REQUESTS) / ratePerSec),
          warmupMs: WARMUP_MS,
        },
        server,
        controls,
      );
      const { dispatchLagP50Ms, dispatchLagP99Ms, cpuPercent } = result.client;
      const { durationSeconds, requests } = result.operations[0]!;
      const sentPerSec = requests.started / durationSeconds;
      rows.push({ wait, ratePerSec, sentPerSec, dispatchLagP50Ms, dispatchLagP99Ms, cpuPercent });
    }
  }
  return rows;
}
