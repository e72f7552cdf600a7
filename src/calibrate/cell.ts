/**
 * Owns one measurement against the null server: a plan as `bench put` or `bench range` would make
 * it, carried out by the code that carries those out, without the look at etcd before it.
 */
import { BenchError, EXIT } from "../errors.ts";
import type { OperationSpec } from "../load/messages.ts";
import { NO_MAINTENANCE } from "../plan/maintenance.ts";
import type { RunPlan } from "../plan/schema.ts";
import type { RunResult } from "../result/schema.ts";
import type { RunControls } from "../run/progress.ts";
import { measure } from "../run/run.ts";
import { KEY_SIZE_BYTES, VAL_SIZE_BYTES } from "./null-server/answers.ts";
import type { NullServerProcess, TakenFromServer } from "./null-server-process.ts";

export interface Cell {
  operation: "put" | "range";
  transport: RunPlan["load"]["transport"];
  connections: number;
  clients: number;
  /** Null: a closed loop. */
  ratePerSec: number | null;
  wait: RunPlan["pacing"]["wait"];
  totalRequests: number | null;
  durationMs: number | null;
  warmupMs: number | null;
}

export interface CellOutcome {
  result: RunResult;
  /** Of the whole cell, its warm-up included. */
  server: TakenFromServer;
}

const TIMEOUT_MS = 10_000;
const SEED = 1;
/** As many keys as a run of etcd's published write table has, and then some. */
const KEY_SPACE_SIZE = 1_000_000;
const RANGE_KEY = "calibrat";

/**
 * @throws the reason of `controls.stop` where it is aborted; BenchError where a request failed,
 *   which a server that does nothing gives no cause for.
 */
export async function measureCell(
  cell: Cell,
  server: NullServerProcess,
  controls: RunControls,
): Promise<CellOutcome> {
  controls.stop?.throwIfAborted();
  const endpoints = [server.endpoint];
  const plan = planOf(cell, endpoints);
  const target = { endpoints, clusterId: null, version: null, members: [], notes: [] };
  await server.take();
  const operations = [operationOf(plan.workload)];
  const result = await measure(plan, { target, operations, notes: [] }, controls);
  controls.stop?.throwIfAborted();
  const { requests, errors } = result.operations[0]!;
  if (result.status !== "complete" || requests.failed > 0 || requests.succeeded === 0) {
    const why = errors[0] ? `${errors[0].code}: ${errors[0].message}` : result.verdict.reasons[0];
    throw new BenchError(
      `calibrate: ${requests.failed} of ${requests.started} ${cell.operation} requests over ` +
        `${cell.transport} failed on the null server (${why}); lower --clients, or run it again ` +
        "when the machine has less to do",
      EXIT.failed,
    );
  }
  const taken = await server.take();
  if (taken.answered < requests.succeeded) {
    throw new Error(
      `${requests.succeeded} ${cell.operation} requests over ${cell.transport} were counted as ` +
        `answered, but the null server has answered ${taken.answered}`,
    );
  }
  return { result, server: taken };
}

function planOf(cell: Cell, endpoints: string[]): RunPlan {
  const { connections, clients, transport, ratePerSec, wait, totalRequests, durationMs } = cell;
  return {
    target: {
      endpoints,
      leaderOnly: false,
      metricsEndpoints: null,
      tls: null,
      user: null,
      local: null,
      ignoresQuota: true,
    },
    workload: workloadOf(cell.operation),
    load: {
      connections,
      clients,
      workers: 1,
      transport,
      timeoutMs: TIMEOUT_MS,
      dialTimeoutMs: null,
      seed: SEED,
    },
    pacing: { ratePerSec, arrival: "constant", wait },
    limits: { totalRequests, durationMs, warmupRequests: null, warmupMs: cell.warmupMs },
    judge: { maxErrorRate: 0, thresholds: [], strict: false },
    maintenance: NO_MAINTENANCE,
    search: null,
    labels: {},
    cleanup: false,
  };
}

function workloadOf(operation: Cell["operation"]): RunPlan["workload"] {
  const sizes = { keySizeBytes: KEY_SIZE_BYTES, valSizeBytes: VAL_SIZE_BYTES };
  if (operation === "range") {
    return {
      kind: "range",
      key: RANGE_KEY,
      end: null,
      prefix: false,
      fetch: "whole",
      limit: null,
      content: "all",
      sort: null,
      consistency: ["serializable"],
      ...sizes,
    };
  }
  return {
    kind: "put",
    valSizeBytes: VAL_SIZE_BYTES,
    valueSize: null,
    keys: {
      keySizeBytes: KEY_SIZE_BYTES,
      keySpaceSize: KEY_SPACE_SIZE,
      sequential: true,
      popularity: "uniform",
      prefix: "",
      encoding: "fixed",
    },
  };
}

function operationOf(workload: RunPlan["workload"]): OperationSpec {
  if (workload.kind === "put") return { series: ["put"], kind: "put", put: workload };
  const key = Buffer.from(RANGE_KEY, "utf8");
  const range = { key, end: null, consistency: "serializable" } as const;
  return { series: ["range-serializable"], kind: "range", range };
}

/** The messages that the cells send, for a client that is not ours. */
export function messageFields(operation: Cell["operation"]): { typeName: string; value: object } {
  const key = Buffer.from(RANGE_KEY, "utf8");
  return operation === "put"
    ? {
        typeName: "etcdserverpb.PutRequest",
        value: { key, value: Buffer.alloc(VAL_SIZE_BYTES, 2) },
      }
    : { typeName: "etcdserverpb.RangeRequest", value: { key, serializable: true } };
}
