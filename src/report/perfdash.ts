/**
 * Renders `--output perfdash`: what Kubernetes' perf-dash reads. The first item of an operation has
 * the labels that etcd's own tool gives it, and the latency that the run is judged by: of a paced run
 * the response time. Both clocks of a paced run, the rate, the errors and etcd's memory are further items.
 */
import { judgedLatency } from "../result/judged-latency.ts";
import type { Latency, OperationResult, RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import type { ReportFormat } from "./format.ts";
import { figureOver } from "./member-figures.ts";

const MEMORY = [
  ["rssMaxBytes", "process_resident_memory_bytes"],
  ["heapAllocatedBytes", "go_memstats_heap_alloc_bytes"],
  ["heapInUseBytes", "go_memstats_heap_inuse_bytes"],
] as const;

interface DataItem {
  data: Record<string, number>;
  unit: string;
  labels: Record<string, string>;
}

export const perfdashFormat: ReportFormat = {
  name: "perfdash",
  render(results) {
    const dataItems = shownInFull(results).flatMap((result) => [
      ...result.operations.flatMap((operation) => itemsOf(result, operation)),
      ...memoryItems(result),
    ]);
    return `${JSON.stringify({ version: "v1", dataItems }, null, 2)}\n`;
  },
};

/** `EtcdAPI_benchmark_put_2026-08-01T10:11:12Z.json`, as etcd's own tool names it. */
export function perfdashFileName(command: string, at: Date): string {
  return `EtcdAPI_benchmark_${command}_${at.toISOString().replace(/\.\d+/, "")}.json`;
}

function itemsOf(result: RunResult, operation: OperationResult): DataItem[] {
  const { serviceTime, responseTime, requests, throughputPerSec } = operation;
  // A series in a chart goes by its labels, so a lone operation has upstream's: its command.
  const name = result.operations.length === 1 ? result.plan.workload.kind : operation.name;
  const labels = { Operation: name.toUpperCase() };
  const items: DataItem[] = [{ data: percentiles(judgedLatency(operation)), unit: "ms", labels }];
  if (responseTime !== null) {
    const clocks = { response_time: responseTime, service_time: serviceTime };
    for (const [Metric, latency] of Object.entries(clocks)) {
      items.push({ data: percentiles(latency), unit: "ms", labels: { ...labels, Metric } });
    }
  }
  if (throughputPerSec !== null) {
    const data = { Average: rounded(throughputPerSec) };
    items.push({ data, unit: "1/s", labels: { ...labels, Metric: "throughput" } });
  }
  const { failed, dropped } = requests;
  const data = { Failed: failed, Dropped: dropped };
  items.push({ data, unit: "requests", labels: { ...labels, Metric: "errors" } });
  return items;
}

/** Of the member that has most of it, under the names of etcd's metrics. */
function memoryItems({ server }: RunResult): DataItem[] {
  return MEMORY.flatMap(([name, Metric]) => {
    const bytes = figureOver(server, name);
    return bytes === null ? [] : [{ data: { Max: bytes }, unit: "bytes", labels: { Metric } }];
  });
}

/** Percentiles that the samples do not carry are left out: the format knows numbers alone. */
function percentiles({ p50Ms, p90Ms, p99Ms }: Latency): Record<string, number> {
  const data: Record<string, number> = {};
  for (const [name, ms] of [
    ["Perc50", p50Ms],
    ["Perc90", p90Ms],
    ["Perc99", p99Ms],
  ] as const) {
    if (ms !== null) data[name] = rounded(ms);
  }
  return data;
}

/** To four decimals, as upstream. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
