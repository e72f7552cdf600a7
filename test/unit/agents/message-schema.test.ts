/** Reports of a broken agent are refused before use: impossible counts, times and parts. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readFrame, readHello } from "../../../src/agents/message-schema.ts";
import type { Frame, Report } from "../../../src/agents/protocol.ts";
import { Recorder } from "../../../src/load/recording/recorder.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";

await initHistograms();

function second(): Extract<Report, { type: "second" }> {
  const recorder = new Recorder(1);
  recorder.succeeded(1e6, 3);
  recorder.failed(2e6, -1, 14, "connection lost");
  return {
    ...{ type: "second", worker: 1 },
    second: {
      snapshot: {
        ...{ type: "snapshot", phaseId: 0, interval: 0, fromNs: 1, toNs: 2, readyConnections: 1 },
        progress: { answered: 3, unanswered: 0, lastFailure: "" },
        sending: { due: 3, started: 3, busyFraction: 0.1 },
      },
      recorded: [recorder.takeSnapshot()],
    },
  };
}

function frameOf(...reports: unknown[]): Frame {
  return {
    ...{ session: "s", sentNs: 1e9, reports: reports as Report[], cpuMicros: 5, rssBytes: 1e8 },
  };
}

test("a report of recorded requests is accepted unchanged", () => {
  const frame = frameOf(
    second(),
    { type: "closed", memories: [] },
    { type: "pong", number: 0, heardNs: -5 },
  );
  assert.is(readFrame(frame, "s"), frame);
});

test("a frame of another run is refused", () => {
  assert.throws(() => readFrame(frameOf(), "other"), /of another session/);
});

test("negative counts, times that are not numbers and missing parts are refused with their path", () => {
  const broken = (change: (report: ReturnType<typeof second>) => void) => {
    const report = second();
    change(report);
    return frameOf(report);
  };
  for (const [frame, words] of [
    [broken(({ second: { recorded } }) => (recorded[0]!.succeeded = -1)), /recorded\.0\.succeeded/],
    [
      broken(({ second: { recorded } }) => (recorded[0]!.failed = Number.NaN)),
      /recorded\.0\.failed/,
    ],
    [broken(({ second: { snapshot } }) => (snapshot.toNs = Number.NaN)), /snapshot\.toNs/],
    [broken(({ second: { snapshot } }) => (snapshot.interval = 0.5)), /snapshot\.interval/],
    [broken((report) => (report.worker = -1)), /reports\.0\.worker/],
    [broken((report) => ((report.second as { recorded: unknown }).recorded = null)), /recorded/],
    [{ ...frameOf(), cpuMicros: Number.POSITIVE_INFINITY }, /cpuMicros/],
    [{ ...frameOf(), sentNs: "soon" }, /sentNs/],
    [frameOf({ type: "takes over" }), /reports\.0/],
    ["no object", /the whole/],
  ] as const) {
    assert.throws(() => readFrame(frame, "s"), words);
  }
});

test("single requests whose columns differ in length are refused", () => {
  const of = (length: number) => new Float64Array(length);
  const requests = (number: Float64Array) => ({
    type: "requests",
    requests: {
      ...{ dueNs: of(2), endNs: of(2), status: new Uint8Array(2), group: new Uint16Array(2) },
      ...{ number, revision: of(2), known: of(2) },
    },
  });
  readFrame(frameOf(requests(of(2))), "s");
  assert.throws(() => readFrame(frameOf(requests(of(3))), "s"), /columns of different lengths/);
});

test("an agent that does not report its workers is refused", () => {
  const environment = { tool: "t", node: "n", kernel: "k", cpuModel: "c", cpus: 2 };
  const memory = { memoryBytes: null, memoryLimitBytes: null };
  const hello = {
    workers: 2,
    environment: { ...environment, cpusAvailable: 1.5, ...memory },
    host: { bootId: "b", addresses: ["10.0.0.7"] },
  };
  assert.is(readHello(hello), hello);
  for (const workers of [Number.NaN, 0, "2"]) {
    assert.throws(() => readHello({ ...hello, workers }), /workers/);
  }
  assert.throws(() => readHello({ workers: 1 }), /environment/);
  const long = { ...hello, environment: { ...hello.environment, kernel: "k".repeat(1_000) } };
  assert.throws(() => readHello(long), /environment\.kernel/);
});

test.run();
