/** What a list shows of a saved file. */
import type { Saved } from "../compare/saved.ts";
import { type Clock, judgedClock, judgedLatency } from "../result/judged-latency.ts";
import type { RunResult } from "../result/schema.ts";
import { shownInFull } from "../result/search.ts";
import { formatNoun } from "../text/noun.ts";
import { primaryOperations } from "../workloads/series-roles.ts";

export interface ListedResult {
  kind: "result";
  id: string;
  /** ISO 8601, UTC. */
  startedAt: string;
  isPublished: boolean;
  workload: string;
  /** The first primary series, whose figures are these, and how many others there are. */
  operation: string;
  furtherOperations: number;
  connections: number;
  clients: number;
  etcdVersion: string | null;
  throughputPerSec: number | null;
  /** By the clock that the run is judged by. */
  p99Ms: number | null;
  clock: Clock;
  status: string;
  verdict: string;
  labels: Record<string, string>;
}

export interface ListedComparison {
  kind: "comparison" | "trend" | "failover" | "doctor" | "memory";
  id: string;
  startedAt: string;
  /**
   * `old against new`, the folder of a trend, `kill leader for 3 s, 9 of 9 trials`, or what the doctor
   * looked at, or whose memory was measured.
   */
  of: string;
  verdict: string;
  labels: Record<string, string>;
}

export type Listed = ListedResult | ListedComparison;

/** Of a search the run that it ended in. */
export function listedOf(saved: Saved): Listed[] {
  switch (saved.kind) {
    case "results":
      return shownInFull(saved.results).map(listedResult);
    case "comparison": {
      const { id, startedAt, base, head, verdict, labels } = saved.comparison;
      const of = `${head.label} against ${base.label}`;
      return [{ kind: "comparison", id, startedAt, of, verdict: verdict.kind, labels }];
    }
    case "trend": {
      const { id, endedAt, source, verdict } = saved.trend;
      const startedAt = endedAt;
      return [{ kind: "trend", id, startedAt, of: source, verdict: verdict.kind, labels: {} }];
    }
    case "failover": {
      const { id, startedAt, events, measured, trials, verdict } = saved.report;
      const of = `${events.join(" and ")}, ${measured} of ${formatNoun(trials, "trial")}`;
      return [{ kind: "failover", id, startedAt, of, verdict: verdict.kind, labels: {} }];
    }
    case "doctor": {
      const { id, startedAt, target, principal } = saved.report;
      return [
        { kind: "doctor", id, startedAt, of: target, verdict: principal.verdict, labels: {} },
      ];
    }
    case "memory": {
      const { id, startedAt, endpoint, things, status } = saved.report;
      const of = `${things.map(({ thing }) => thing).join(", ")} at ${endpoint}`;
      return [{ kind: "memory", id, startedAt, of, verdict: status, labels: {} }];
    }
  }
}

function listedResult(result: RunResult): ListedResult {
  const { id, startedAt, origin, plan, target, operations, status, verdict } = result;
  const first = primaryOperations(result)[0]!;
  return {
    kind: "result",
    id,
    startedAt,
    isPublished: origin === "published",
    workload: plan.workload.kind,
    operation: first.name,
    furtherOperations: operations.length - 1,
    connections: plan.load.connections,
    clients: plan.load.clients,
    etcdVersion: target.version,
    throughputPerSec: first.throughputPerSec,
    p99Ms: judgedLatency(first).p99Ms,
    clock: judgedClock(first),
    status,
    verdict: verdict.kind,
    labels: plan.labels,
  };
}
