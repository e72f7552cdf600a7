/** Tests the arithmetic and the tables of a calibration, on made-up figures. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { failureWords, machineNotes, pausedWords } from "../../../src/calibrate/cell.ts";
import { figures, type Turn, turnOf } from "../../../src/calibrate/cost.ts";
import {
  CALIBRATION_SCHEMA_VERSION,
  type CalibrationReport,
} from "../../../src/calibrate/report.ts";
import { renderCalibration } from "../../../src/calibrate/table.ts";
import { CALIBRATED_WORKLOADS } from "../../../src/calibrate/workloads.ts";
import { operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const turn = (changes: Partial<Turn> = {}): Turn => ({
  requests: 100_000,
  seconds: 1,
  cpuMicros: 400_000,
  serverCpuMicros: 300_000,
  serverAnswered: 150_000,
  ...changes,
});

test("a cell in which the client did not run is named with the length of the pauses, also where nothing was sent", () => {
  const pause = { startSeconds: 0.1, workers: 1, isOfMainThread: true };
  const pauses = {
    ...{ count: 3, totalMs: 2_400, longestMs: 2_000, percent: 10 },
    ...{ mainThreadCount: 0, mainThreadTotalMs: 0 },
    longest: [
      { ...pause, durationMs: 2_000, cause: "not-run" as const },
      { ...pause, durationMs: 100, cause: "not-run" as const },
      { ...pause, durationMs: 300, cause: "busy" as const },
      { ...pause, durationMs: 900, cause: "not-run" as const, workers: 0 },
    ],
  };
  const workload = CALIBRATED_WORKLOADS.find(({ name }) => name === "put")!;
  const cell = { workload, transport: "wire", ratePerSec: 1_000, wait: "spin" } as const;
  assert.is(pausedWords(cell, pauses), "put of wire at 1000/s (spin) for 2.10 s");
  const closed = { ...cell, ratePerSec: null };
  assert.is(pausedWords(closed, pauses), "put of wire for 2.10 s");
  const reasons = ["no put request was sent before the run ended"];
  const stopped = {
    verdict: { kind: "errors" as const, reasons },
    client: { ...resultFixture().client, pauses },
  };
  assert.is(
    failureWords(closed, stopped, undefined),
    "put over wire could not be measured: no put request was sent before the run ended; the client " +
      "did not run in put of wire for 2.10 s; run it again when the machine has less to do",
  );
  const busy = pauses.longest.slice(2);
  assert.is(pausedWords(closed, { ...pauses, longest: busy }), null);
});

test("a note says during how many measurements the machine was busy with other things", () => {
  const calm = resultFixture();
  const machine = { ...calm.machine!, otherCpuPercent: 60, idleCpuPercent: 2 };
  assert.equal(machineNotes([calm, calm]), []);
  assert.equal(machineNotes([calm, { ...calm, machine }]), [
    "Other processes took 60% of this machine's CPU during 1 of 2 measurements: their figures are those of a busy machine.",
  ]);
});

test("rounds are added up before the division", () => {
  const turns = [turn(), turn({ requests: 300_000, seconds: 3, cpuMicros: 2_400_000 })];
  const row = figures("put", "grpc-js", turns, 3.5);
  assert.is(row.requests, 400_000);
  assert.is(row.requestsPerSec, 100_000);
  assert.is(row.cpuMicrosPerRequest, 7);
  assert.equal(row.roundsCpuMicrosPerRequest, [4, 8]);
  assert.is(row.wireOverThis, 0.5);
  assert.is(row.cpuPercent, 70);
  assert.is(row.serverCpuMicrosPerRequest, 2);
  assert.is(row.serverCpuPercent, 20);
});

test("if the system reports no CPU time, every figure made from it is null", () => {
  const row = figures("range", "h2load", [turn({ cpuMicros: null })], 3.5);
  assert.is(row.cpuMicrosPerRequest, null);
  assert.is(row.wireOverThis, null);
  assert.is(row.cpuPercent, null);
  assert.is(row.requestsPerSec, 100_000);
});

test("the CPU of a turn does not include the time between measured slices", () => {
  // A run of ten seconds with two seconds of measured slices.
  const result = resultFixture({
    durationSeconds: 10,
    client: { cpuSeconds: 1.5, cpuPercent: 75 },
    operations: [
      operationFixture({ name: "watch-create", requests: { succeeded: 100 } }),
      operationFixture({
        name: "watch-delivery",
        durationSeconds: 1.9,
        requests: { succeeded: 30_000 },
      }),
    ],
  });
  const counted = { series: "watch-delivery", word: "event" };
  const server = { type: "taken", cpuMicros: 7, answered: 9, delays: null } as const;
  assert.equal(turnOf({ counted }, { result, server }), {
    requests: 30_000,
    seconds: 1.9,
    cpuMicros: 1_500_000,
    serverCpuMicros: 7,
    serverAnswered: 9,
  });
  const withoutCpu = resultFixture({ client: { cpuSeconds: null } });
  assert.is(turnOf({}, { result: withoutCpu, server }).cpuMicros, null);
});

const report: CalibrationReport = {
  schemaVersion: CALIBRATION_SCHEMA_VERSION,
  kind: "calibration",
  startedAt: "2026-01-02T03:04:05.000Z",
  durationSeconds: 58,
  status: "complete",
  isQuick: false,
  environment: {
    tool: "etcd-bench 1.0.0",
    node: "v20.0.0",
    os: "Linux",
    kernel: "Linux 6",
    cpuModel: "A CPU",
    cpus: 2,
    cpusAvailable: 2,
    memoryBytes: 4e9,
    memoryLimitBytes: null,
  },
  loadAverage1m: 0.5,
  load: { workers: 1, connections: 100, clients: 1_000, keySizeBytes: 8, valSizeBytes: 256 },
  cost: [
    figures("put", "wire", [turn()], 4),
    figures("put", "grpc-js", [turn({ cpuMicros: 12_000_000 })], 4),
    figures("put", "h2load", [turn({ cpuMicros: null })], 4),
  ],
  dispatchLag: [
    {
      wait: "nap",
      ratePerSec: 1_000,
      sentPerSec: 1_000,
      dispatchLagP50Ms: 0.002,
      dispatchLagP99Ms: 0.107,
      cpuPercent: 11,
    },
  ],
  percentileErrors: [
    {
      loop: "paced",
      ratePerSec: 3_000,
      connections: 10,
      clients: 300,
      requests: 10_000,
      delayedByServer: 10_000,
      percentiles: [
        { percentile: 99, trueMs: 20, measuredMs: 20.1, errorMs: 0.1, errorPercent: 0.5 },
        { percentile: 99.9, trueMs: null, measuredMs: null, errorMs: null, errorPercent: null },
      ],
    },
  ],
  notes: ["a note"],
};

test("the tables name every client with its cost and ratio, and a missing figure is -", () => {
  const text = renderCalibration(report, { color: false, widthColumns: null });
  const cells = text.split("\n").map((line) => line.trim().split(/ {2,}/));
  const row = (...start: string[]) =>
    cells.find((line) => start.every((word, at) => line[at] === word))!.join("|");
  assert.is(row("put", "wire"), "put|wire|4.00 µs|1.00x|100,000|40%|2.00 µs|20%");
  assert.match(row("put", "grpc-js"), /\|120 µs\|0\.033x\|/);
  assert.match(row("put", "h2load"), /\|-\|-\|100,000\|-\|/);
  assert.match(row("1,000", "nap"), /\|1,000\|2\.00 µs\|107 µs\|11%$/);
  assert.match(row("3,000/s", "10,000", "p99"), /\|20\.0\|20\.1\|0\.100\|0\.5%$/);
  assert.match(row("3,000/s", "10,000", "p99.9"), /\|-\|-\|-\|-$/);
  assert.match(text, /100 connections, 1,000 clients/);
  assert.match(text, /requests +percentile /);
  assert.match(text, /note: a note\n/);
  assert.match(text, /Node v20\.0\.0\), on 2 x A CPU/);
});

test("one connection and one client are written as one", () => {
  const load = { ...report.load, connections: 1, clients: 1 };
  const text = renderCalibration({ ...report, load }, { color: false, widthColumns: null });
  assert.match(text, /1 worker, 1 connection, 1 client, key/);
});

test("an interrupted report has the finished sections, and is marked as interrupted", () => {
  const text = renderCalibration(
    { ...report, status: "interrupted", dispatchLag: null, percentileErrors: null },
    { color: false, widthColumns: 80 },
  );
  assert.match(text, /interrupted/);
  assert.match(text, /CPU per request/);
  assert.not.match(text, /Dispatch lag|Percentiles/);
});

test.run();
