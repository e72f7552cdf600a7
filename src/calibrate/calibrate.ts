/** Runs a whole calibration: its three sections in order, and the fake etcds that they need. */
import os from "node:os";
import { checkOwnConnections } from "../etcd/open-files.ts";
import type { DelayDistribution } from "../fake-etcd/delays/delayed-answers.ts";
import { KEY_SIZE_BYTES, VAL_SIZE_BYTES } from "../fake-etcd/kv/service.ts";
import { describeEnvironment } from "../result/environment.ts";
import type { RunControls } from "../run/progress.ts";
import { DELAYS, measureAccuracy } from "./accuracy.ts";
import { type MeasuredCell, machineNotes } from "./cell.ts";
import { measureCost } from "./cost.ts";
import { etcdBenchmark } from "./etcd-benchmark.ts";
import { FakeEtcdProcess } from "./fake-etcd-process.ts";
import { H2LOAD, hasH2load, lackOfH2load } from "./h2load.ts";
import { measureLag } from "./lag.ts";
import type { OtherClient } from "./other-client.ts";
import { CALIBRATION_SCHEMA_VERSION, type CalibrationReport } from "./report.ts";
import { type CalibratedWorkload, DEFAULT_WORKLOADS } from "./workloads.ts";

export interface CalibrationOptions {
  connections: number;
  clients: number;
  isQuick: boolean;
  /** Whose CPU is measured, and nothing else; null: of put and range, with lag and percentiles. */
  workloads: readonly CalibratedWorkload[] | null;
  /** A program, etcd's own tool, to be measured as well; null: none. */
  etcdBenchmark: string | null;
}

interface Lengths {
  cost: { rounds: number; durationMs: number; warmupMs: number };
  lagLeastMs: number;
  /** At least 10,000, so that they carry p99.9. */
  accuracyRequests: number;
}

const FULL: Lengths = {
  cost: { rounds: 2, durationMs: 1_200, warmupMs: 400 },
  lagLeastMs: 1_600,
  accuracyRequests: 12_000,
};
const QUICK: Lengths = {
  cost: { rounds: 1, durationMs: 400, warmupMs: 200 },
  lagLeastMs: 400,
  accuracyRequests: 10_000,
};

/**
 * Where `controls.stop` is aborted, the sections that were finished are in the report.
 * @throws BenchError where connections cannot be opened or requests fail, or files are too few for them.
 */
export async function calibrate(
  options: CalibrationOptions,
  controls: RunControls,
): Promise<CalibrationReport> {
  const { connections, clients, isQuick, workloads } = options;
  const lengths = isQuick ? QUICK : FULL;
  const startMs = performance.now();
  const notes = [
    "CPU is user and system time: of the whole bench process for wire, grpc-js and gateway, of " +
      "another program as the system counts children that have ended (/proc/self/stat, in steps of 10 ms).",
    "The gateway is JSON over HTTP/1.1 with a connection for each client, as etcd's grpc-gateway takes it.",
    "A server that does nothing answers all that a connection has sent at once, so system calls " +
      "are shared; etcd's answers come in smaller batches and cost more each, which every run prints.",
  ];
  const report: CalibrationReport = {
    schemaVersion: CALIBRATION_SCHEMA_VERSION,
    kind: "calibration",
    startedAt: new Date().toISOString(),
    durationSeconds: 0,
    status: "complete",
    isQuick,
    environment: describeEnvironment(),
    loadAverage1m: os.loadavg()[0]!,
    load: {
      workers: 1,
      connections,
      clients,
      keySizeBytes: KEY_SIZE_BYTES,
      valSizeBytes: VAL_SIZE_BYTES,
    },
    cost: null,
    dispatchLag: null,
    percentileErrors: null,
    notes,
  };
  const say = controls.say ?? (() => {});
  const note = (text: string) => notes.push(text);
  const paused: string[] = [];
  const cellsMeasured: MeasuredCell[] = [];
  const cells = {
    ...controls,
    onCellPaused: (what: string) => paused.push(what),
    onCellMeasured: ({ machine, durationSeconds, client }: MeasuredCell) =>
      cellsMeasured.push({ machine, durationSeconds, client }),
  };
  const measured = workloads ?? DEFAULT_WORKLOADS;
  const isGatewayMeasured = measured.some(({ repeats }) => repeats !== undefined);
  if (isGatewayMeasured) checkOwnConnections("clients", clients);
  else checkOwnConnections("conns", connections);
  const others = await otherClients(measured, options.etcdBenchmark, note);
  try {
    await withFakeEtcd(null, async (server) => {
      say(`calibrating ${workloads === null ? "1 of 3: " : ""}CPU per request`);
      const cost = { connections, clients, ...lengths.cost };
      report.cost = await measureCost(measured, others, cost, server, cells, note);
      if (workloads !== null) return;
      say("calibrating 2 of 3: dispatch lag");
      const lag = { connections, clients, leastMs: lengths.lagLeastMs };
      report.dispatchLag = await measureLag(lag, server, cells);
    });
    if (workloads === null) {
      await withFakeEtcd(DELAYS, async (server) => {
        say("calibrating 3 of 3: percentiles against known delays");
        const requests = lengths.accuracyRequests;
        report.percentileErrors = await measureAccuracy(requests, server, cells);
      });
    }
  } catch (error) {
    if (controls.stop?.aborted !== true || error !== controls.stop.reason) throw error;
    report.status = "interrupted";
  }
  if (paused.length > 0) {
    note(
      `The client was stopped or had no CPU during ${paused.join(", ")}: the figures of these are not ` +
        "those of an undisturbed client; run calibrate again.",
    );
  }
  machineNotes(cellsMeasured).forEach(note);
  report.durationSeconds = (performance.now() - startMs) / 1000;
  return report;
}

/** @throws BenchError where `benchmark` is not etcd's own tool. */
async function otherClients(
  workloads: readonly CalibratedWorkload[],
  benchmark: string | null,
  note: (text: string) => void,
): Promise<OtherClient[]> {
  const ofEtcd = benchmark === null ? [] : [await etcdBenchmark(benchmark)];
  if (workloads.every(({ repeats }) => repeats === undefined)) {
    if (benchmark !== null) note("etcd's own tool is compared with put and range only.");
    return [];
  }
  if (benchmark !== null) {
    note("etcd's own tool runs on all cores; requests/s of the others are of one worker thread.");
  }
  if (await hasH2load()) return [H2LOAD, ...ofEtcd];
  note(lackOfH2load(process.env));
  return ofEtcd;
}

async function withFakeEtcd(
  delays: DelayDistribution | null,
  use: (server: FakeEtcdProcess) => Promise<void>,
): Promise<void> {
  const server = await FakeEtcdProcess.start(delays);
  try {
    await use(server);
  } catch (error) {
    // What fails for want of a server, connections first, says nothing better.
    throw (await server.failure()) ?? error;
  } finally {
    await server.stop();
  }
}
