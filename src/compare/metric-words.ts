/** How the figures of a comparison are called, in its reports as in its notes. */
import type { MetricName } from "./schema.ts";

export const METRIC_WORDS: Readonly<Record<MetricName, string>> = {
  throughput: "requests/s",
  mean: "mean",
  p50: "p50",
  p90: "p90",
  p99: "p99",
  p999: "p99.9",
  "etcd-cpu": "CPU per request",
  "etcd-rss": "resident memory",
  unavailable: "longest window",
  "unavailable-total": "time unavailable",
  "full-rate": "old rate back",
  elected: "next leader elected",
  "first-commit": "first commit",
  "caught-up": "member caught up",
  "lost-writes": "writes lost",
  "doubled-writes": "writes applied twice",
  "backward-reads": "reads that went back",
  "lost-events": "events lost",
  "doubled-events": "events twice",
  "early-leases": "leases expired early",
  "two-owners": "locks with two owners",
};
