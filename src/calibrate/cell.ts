/**
 * Makes one measurement against the fake etcd: the plan that the workload's command would make,
 * prepared and carried out by the same code as for etcd, without the inspection of etcd.
 */
import { BenchError, EXIT } from "../errors.ts";
import type { TargetMember } from "../etcd/inspect.ts";
import type { RunPlan } from "../plan/schema.ts";
import { machineTexts } from "../result/machine-words.ts";
import { type PausesResult, workerPauses } from "../result/pauses.ts";
import type { OperationResult, RunResult } from "../result/schema.ts";
import { prepareWorkload } from "../run/prepare.ts";
import type { RunControls } from "../run/progress.ts";
import { measure } from "../run/run.ts";
import { formatDuration } from "../tables/number-format.ts";
import { capitalised } from "../text/capitalised.ts";
import { planFromFlags } from "../workloads/catalogue.ts";
import type { FakeEtcdProcess, TakenFromServer } from "./fake-etcd-process.ts";
import { type CalibratedTransport, type CalibratedWorkload, SIZES } from "./workloads.ts";

/** A thousand clients of the slower transport may wait for one lock on a busy machine. */
const TIMEOUT = "60s";

export interface Cell {
  workload: CalibratedWorkload;
  transport: CalibratedTransport;
  connections: number;
  clients: number;
  /** Null: a closed loop. */
  ratePerSec: number | null;
  wait: RunPlan["pacing"]["wait"];
  totalRequests: number | null;
  durationMs: number | null;
  warmupMs: number | null;
}

export interface CellControls extends RunControls {
  /** `what` describes the cell and the time for which the client did not run. */
  onCellPaused(what: string): void;
  /** What the machine did meanwhile. */
  onCellMeasured(result: MeasuredCell): void;
}

export type MeasuredCell = Pick<RunResult, "machine" | "durationSeconds" | "client">;

export interface CellOutcome {
  result: RunResult;
  /** Of the whole cell, its warm-up included. */
  server: TakenFromServer;
}

/**
 * @throws the reason of `controls.stop` where it is aborted; BenchError where a request failed,
 *   which a server that does nothing gives no cause for.
 */
export async function measureCell(
  cell: Cell,
  server: FakeEtcdProcess,
  controls: CellControls,
): Promise<CellOutcome> {
  controls.stop?.throwIfAborted();
  const plan = planOf(cell, server.endpoint);
  const target = {
    endpoints: plan.target.endpoints,
    clusterId: null,
    version: null,
    members: [memberAt(server.endpoint)],
    notes: [],
  };
  const access = { tls: null, tokens: null };
  await server.begin(cell.workload.keeps ?? false);
  const prepared = await prepareWorkload(plan, target, [], access);
  await server.take();
  const result = await measure(plan, prepared, controls);
  controls.stop?.throwIfAborted();
  const { operations, status, verdict } = result;
  const failed = operations.find(({ requests }) => requests.failed > 0);
  // Events that are missing or came twice are errors too.
  if (status !== "complete" || failed !== undefined || verdict.kind === "errors") {
    throw new BenchError(`calibrate: ${failureWords(cell, result, failed)}`, EXIT.failed);
  }
  const taken = await server.take();
  const { succeeded } = operations[0]!.requests;
  if (taken.answered < succeeded) {
    throw new Error(
      `${succeeded} ${cell.workload.name} requests over ${cell.transport} were counted as ` +
        `answered, but the fake etcd has answered ${taken.answered}`,
    );
  }
  const paused = pausedWords(cell, result.client.pauses);
  if (paused !== null) controls.onCellPaused(paused);
  controls.onCellMeasured(result);
  return { result, server: taken };
}

/** @param failed the first operation of which requests failed; absent: it was another thing */
export function failureWords(
  cell: Pick<Cell, "workload" | "transport" | "ratePerSec" | "wait">,
  { verdict, client }: Pick<RunResult, "verdict" | "client">,
  failed: OperationResult | undefined,
): string {
  const { workload, transport } = cell;
  const again = "run it again when the machine has less to do";
  if (failed !== undefined) {
    const { requests, errors } = failed;
    const [error] = errors;
    const why = error === undefined ? verdict.reasons[0] : `${error.code}: ${error.message}`;
    return (
      `${requests.failed} of ${requests.started} ${workload.name} requests over ${transport} failed on the ` +
      `fake etcd (${why}); lower --clients, or ${again}`
    );
  }
  const paused = pausedWords(cell, client.pauses);
  const pause = paused === null ? "" : `; the client did not run in ${paused}`;
  return `${workload.name} over ${transport} could not be measured: ${verdict.reasons[0]}${pause}; ${again}`;
}

/** What else kept the machine from the cells than their load: a sentence each. */
export function machineNotes(measured: readonly MeasuredCell[]): string[] {
  return machineTexts(measured, { what: "measurement" }).map(capitalised);
}

/** Null: the client ran all the time. Its long turns and garbage collections are part of its cost. */
export function pausedWords(
  {
    workload,
    transport,
    ratePerSec,
    wait,
  }: Pick<Cell, "workload" | "transport" | "ratePerSec" | "wait">,
  pauses: PausesResult | null,
): string | null {
  const notRun =
    pauses === null ? [] : workerPauses(pauses).filter((each) => each.cause === "not-run");
  if (notRun.length === 0) return null;
  const pausedMs = notRun.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const rate = ratePerSec === null ? "" : ` at ${ratePerSec}/s (${wait})`;
  return `${workload.name} of ${transport}${rate} for ${formatDuration(pausedMs)}`;
}

function planOf(cell: Cell, endpoint: string): RunPlan {
  const {
    workload,
    transport,
    connections,
    clients,
    ratePerSec,
    totalRequests,
    durationMs,
    warmupMs,
  } = cell;
  const milliseconds = (value: number) => `${value}ms`;
  const invocation = {
    command: workload.command,
    args: workload.key === undefined ? [] : [workload.key],
    flags: {
      ...workload.flags?.({
        ...cell,
        transport: transport === "gateway" ? "wire" : transport,
        sizes: SIZES,
      }),
      endpoints: endpoint,
      // The gateway takes one request at a time on a connection.
      conns: String(transport === "gateway" ? clients : connections),
      clients: String(clients),
      workers: "1",
      seed: "1",
      transport,
      pacing: cell.wait,
      timeout: TIMEOUT,
      ...(ratePerSec === null ? {} : { rate: String(ratePerSec) }),
      ...(totalRequests === null ? {} : { total: String(totalRequests) }),
      ...(durationMs === null || workload.isBounded ? {} : { duration: milliseconds(durationMs) }),
      ...(warmupMs === null ? {} : { warmup: milliseconds(warmupMs) }),
    },
  };
  // The user's own variables are of another etcd.
  return planFromFlags(invocation, {}).plan;
}

/** What is looked up of an etcd before a run; its metrics are nowhere. */
function memberAt(endpoint: string): TargetMember {
  const unknown = { version: null, isLeader: null, isLearner: null, dbSizeBytes: null };
  return { id: "1", name: "null", endpoint, metricsUrls: [], ...unknown };
}
