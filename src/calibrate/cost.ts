/**
 * Measures the first section: what a request, or whatever a workload counts, costs the client. The
 * transports and other clients take turns, so that changes of the machine's load meet all alike.
 */
import { BenchError, EXIT } from "../errors.ts";
import { type CellControls, type CellOutcome, measureCell } from "./cell.ts";
import type { FakeEtcdProcess } from "./fake-etcd-process.ts";
import { type OtherClient, runOther } from "./other-client.ts";
import type { ClientName, CostFigures } from "./report.ts";
import { type CalibratedTransport, type CalibratedWorkload, operationOf } from "./workloads.ts";

export interface CostOptions {
  connections: number;
  clients: number;
  rounds: number;
  durationMs: number;
  warmupMs: number;
}

/** One client's turn. */
export interface Turn {
  requests: number;
  seconds: number;
  cpuMicros: number | null;
  serverCpuMicros: number;
  /** Warm-up included, as the server's CPU is. */
  serverAnswered: number;
}

/** From here on a server is the limit, if the client has more to spare. */
const BUSY_PERCENT = 85;

/** @param others take their turns with the workloads that repeat one request */
export async function measureCost(
  workloads: readonly CalibratedWorkload[],
  others: readonly OtherClient[],
  options: CostOptions,
  server: FakeEtcdProcess,
  controls: CellControls,
  note: (text: string) => void,
): Promise<CostFigures[]> {
  const ours = ["wire", "grpc-js"] as const;
  // The gateway has an answer for puts and ranges.
  const clientsOf = ({ repeats }: CalibratedWorkload) =>
    repeats === undefined ? ours : ([...ours, "gateway", ...others] as const);
  const turns = new Map<string, Turn[]>();
  const turnsOf = ({ name }: CalibratedWorkload, client: ClientName): Turn[] => {
    const key = `${name} ${client}`;
    const found = turns.get(key) ?? [];
    turns.set(key, found);
    return found;
  };
  for (let round = 0; round < options.rounds; round++) {
    for (const workload of workloads) {
      const clients = clientsOf(workload);
      // There and back, so that a machine that grows slower does so for all.
      for (const client of round % 2 === 0 ? clients : clients.toReversed()) {
        const turn =
          typeof client === "string"
            ? await takeTurn(workload, client, options, server, controls)
            : await takeOtherTurn(
                client,
                workload.repeats!,
                turnsOf(workload, "wire")[0]!,
                options,
                server,
                controls,
              );
        turnsOf(workload, nameOf(client)).push(turn);
      }
    }
  }
  const rows = workloads.flatMap((workload) => {
    const wire = cpuMicrosPerRequest(turnsOf(workload, "wire"));
    return clientsOf(workload)
      .map(nameOf)
      .map((client) => figures(operationOf(workload), client, turnsOf(workload, client), wire));
  });
  noteServerLimit(rows, note);
  return rows;
}

function nameOf(client: CalibratedTransport | OtherClient): ClientName {
  return typeof client === "string" ? client : client.name;
}

async function takeTurn(
  workload: CalibratedWorkload,
  transport: CalibratedTransport,
  options: CostOptions,
  server: FakeEtcdProcess,
  controls: CellControls,
): Promise<Turn> {
  const { connections, clients, durationMs, warmupMs } = options;
  const cell = { workload, transport, connections, clients, durationMs, warmupMs };
  const closedLoop = { ratePerSec: null, wait: "nap", totalRequests: null } as const;
  const outcome = await measureCell({ ...cell, ...closedLoop }, server, controls);
  return turnOf(workload, outcome);
}

/** CPU is of all that the client did in the measured slices, whatever is counted of it. */
export function turnOf(
  { counted }: Pick<CalibratedWorkload, "counted">,
  { result: { operations, client }, server }: CellOutcome,
): Turn {
  const series = operations.find(({ name }) => name === counted?.series) ?? operations[0]!;
  return {
    requests: series.requests.succeeded,
    seconds: series.durationSeconds,
    cpuMicros: client.cpuSeconds === null ? null : client.cpuSeconds * 1e6,
    serverCpuMicros: server.cpuMicros,
    serverAnswered: server.answered,
  };
}

async function takeOtherTurn(
  client: OtherClient,
  operation: "put" | "range",
  wire: Turn,
  { connections, clients }: CostOptions,
  server: FakeEtcdProcess,
  { stop }: CellControls,
): Promise<Turn> {
  stop?.throwIfAborted();
  await server.begin(false);
  await server.take();
  const requests = Math.max(clients, client.leastRequests, Math.ceil(wire.requests * client.share));
  const load = { operation, endpoint: server.endpoint, connections, clients, requests } as const;
  const outcome = await runOther(client, load, stop);
  stop?.throwIfAborted();
  const taken = await server.take();
  if (taken.answered < outcome.succeeded || outcome.succeeded <= 0) {
    throw new BenchError(
      `calibrate: ${client.name} tells of ${outcome.succeeded} ${operation} requests that ` +
        `succeeded, but the fake etcd has answered ${taken.answered}; measure without it`,
      EXIT.failed,
    );
  }
  return {
    requests: outcome.succeeded,
    seconds: outcome.seconds,
    cpuMicros: outcome.cpuMicros,
    serverCpuMicros: taken.cpuMicros,
    serverAnswered: taken.answered,
  };
}

/** `wireMicros` is the CPU per request that the others are held against. */
export function figures(
  operation: string,
  client: ClientName,
  turns: readonly Turn[],
  wireMicros: number | null,
): CostFigures {
  const requests = sum(turns, ({ requests }) => requests);
  const requestsPerSec = requests / sum(turns, ({ seconds }) => seconds);
  const cpuMicros = cpuMicrosPerRequest(turns);
  const serverMicros =
    sum(turns, ({ serverCpuMicros }) => serverCpuMicros) /
    sum(turns, ({ serverAnswered }) => serverAnswered);
  return {
    operation,
    client,
    requests,
    cpuMicrosPerRequest: cpuMicros,
    roundsCpuMicrosPerRequest: turns.map((turn) => cpuMicrosPerRequest([turn])),
    wireOverThis: cpuMicros === null || wireMicros === null ? null : wireMicros / cpuMicros,
    requestsPerSec,
    cpuPercent: cpuMicros === null ? null : percentOfCore(cpuMicros, requestsPerSec),
    serverCpuMicrosPerRequest: serverMicros,
    serverCpuPercent: percentOfCore(serverMicros, requestsPerSec),
  };
}

function noteServerLimit(rows: readonly CostFigures[], note: (text: string) => void): void {
  const limited = rows.filter(
    ({ cpuPercent, serverCpuPercent }) =>
      serverCpuPercent >= BUSY_PERCENT && serverCpuPercent > (cpuPercent ?? 0),
  );
  if (limited.length === 0) return;
  const names = limited.map(
    ({ operation, client, serverCpuPercent }) =>
      `${operation} of ${client} (busy ${serverCpuPercent.toFixed(0)}% of the time)`,
  );
  note(
    `The fake etcd, not the client, was the limit of the requests/s of ${names.join(", ")}. CPU per ` +
      "request holds all the same.",
  );
}

function cpuMicrosPerRequest(turns: readonly Turn[]): number | null {
  if (turns.some(({ cpuMicros }) => cpuMicros === null)) return null;
  return sum(turns, ({ cpuMicros }) => cpuMicros!) / sum(turns, ({ requests }) => requests);
}

function percentOfCore(microsPerRequest: number, requestsPerSec: number): number {
  return (microsPerRequest * requestsPerSec) / 10_000;
}

function sum(turns: readonly Turn[], of: (turn: Turn) => number): number {
  return turns.reduce((total, turn) => total + of(turn), 0);
}
