/** Frames to a receiver that is fast, slow, refuses, hangs or dies: the run never waits for it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readStreamOutput } from "../../../src/flags/stream.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { FrameSender } from "../../../src/stream/frame-sender.ts";
import { RECEIVERS } from "../../../src/stream/receivers.ts";
import { RunMetrics } from "../../../src/stream/run-metrics.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";
import { until } from "../../harness/conditions.ts";
import { withWallClock } from "../../harness/wall-clock.ts";
import { type Answer, MetricsReceiver, sampleOf } from "../../peers/metrics-receiver.ts";
import { observedRun, PUT, secondOf } from "./observed-run.ts";

test.before(initHistograms);

const never = new AbortController().signal;
const TOOL = { name: "etcd-bench", version: "1" };

/** A run that reports every second to a sender. */
class Streaming {
  readonly said: string[] = [];
  readonly #metrics = new RunMetrics();
  readonly sender: FrameSender;

  constructor(text: string, lastFrameMs?: number) {
    const { name, url } = readStreamOutput(text)!;
    const say = (line: string) => this.said.push(line);
    this.sender = new FrameSender({
      ...{ metrics: this.#metrics, receiver: RECEIVERS[name].open({ url, tool: TOOL, say }), say },
      ...(lastFrameMs !== undefined && { lastFrameMs }),
    });
    this.#metrics.onStart(observedRun());
  }

  second(): void {
    this.#metrics.onSecond(PUT, secondOf([1, 2]));
    const counts = { offered: 2, started: 2, dropped: 0, dispatchLags: [], busyFractions: [0.1] };
    this.#metrics.onClient({ fromNs: 0, toNs: 1e9, ...counts });
    this.sender.onClient({ fromNs: 0, toNs: 1e9, ...counts });
  }

  end(): void {
    this.#metrics.onEnd(resultFixture());
    this.sender.onEnd();
  }
}

async function withReceiver(use: (receiver: MetricsReceiver) => Promise<void>, answer?: Answer) {
  const receiver = await MetricsReceiver.start(answer);
  try {
    await use(receiver);
    assert.equal(receiver.faults, []);
  } finally {
    receiver.stop();
  }
}

for (const name of ["prometheus-rw", "otlp"] as const) {
  test(`${name}: each second is a frame, and the last one has the verdict`, () =>
    withReceiver(async (receiver) => {
      const run = new Streaming(`${name}=http://ann:s%40fe@127.0.0.1:${receiver.port}/in?k=v`);
      for (const frames of [1, 2, 3]) {
        run.second();
        await until("a frame", () => receiver.frames.length === frames, 1);
      }
      run.end();
      assert.is(await run.sender.close(never), null);
      assert.is(receiver.frames.length, 4);
      const last = receiver.frames.at(-1)!;
      assert.is(sampleOf(last, "bench_requests_total", { code: "OK" }), 6);
      assert.is(sampleOf(last, "bench_verdict", { verdict: "valid" }), 1);
      assert.is(last.path, "/in?k=v");
      const user = Buffer.from("ann:s@fe").toString("base64");
      assert.is(last.headers.authorization, `Basic ${user}`);
      const times = receiver.frames.map(({ samples }) => samples[0]!.unixMs);
      assert.is(new Set(times).size, 4);
      assert.equal(run.said, []);
    }));
}

test("frames keep their distance where the wall clock is set back between them", () =>
  withWallClock((setBack) =>
    withReceiver(async (receiver) => {
      const run = new Streaming(`otlp=http://127.0.0.1:${receiver.port}`);
      run.second();
      await until("a frame", () => receiver.frames.length === 1, 1);
      const startMs = performance.now();
      setBack();
      await until("some time later", () => performance.now() - startMs >= 50);
      run.second();
      await until("the next frame", () => receiver.frames.length === 2, 1);
      const [first, next] = receiver.frames.map(({ samples }) => samples[0]!.unixMs);
      assert.ok(next! - first! >= 49, `${next! - first!} ms`);
    }),
  ));

test("a slow receiver gets the newest figures, and skipped frames are counted", async () => {
  const answers: (() => void)[] = [];
  await withReceiver(
    async (receiver) => {
      const run = new Streaming(`otlp=http://127.0.0.1:${receiver.port}`);
      for (let second = 0; second < 5; second++) run.second();
      run.end();
      await until("the first frame", () => answers.length === 1, 1);
      answers[0]!();
      await until("the last frame", () => answers.length === 2, 1);
      answers[1]!();
      const note = await run.sender.close(never);
      const address = `http://127.0.0.1:${receiver.port}/`;
      assert.is(note, `otlp: 4 of 6 frames did not reach ${address} (it was slow).`);
      assert.is(sampleOf(receiver.frames[1]!, "bench_verdict", { verdict: "valid" }), 1);
      assert.is(
        sampleOf(receiver.frames[1]!, "bench_stream_dropped_frames_total", { output: "otlp" }),
        4,
      );
    },
    (response) => answers.push(() => response.writeHead(200).end("{}")),
  );
});

test("a receiver that hangs delays the end only up to its limit, and Ctrl-C ends that wait", async () => {
  await withReceiver(
    async (receiver) => {
      const run = new Streaming(`prometheus-rw=http://127.0.0.1:${receiver.port}`, 50);
      run.second();
      run.end();
      const startMs = performance.now();
      const note = await run.sender.close(never);
      assert.match(note!, /^prometheus-rw: 2 of 2 frames .*first: it did not answer in time/);
      assert.ok(performance.now() - startMs < 5_000);
      const left = new Streaming(`prometheus-rw=http://127.0.0.1:${receiver.port}`, 60_000);
      left.second();
      await left.sender.close(AbortSignal.abort());
    },
    () => {},
  );
});

test("a receiver that refuses or is gone loses frames, and its failure is reported once", async () => {
  await withReceiver(
    async (receiver) => {
      const run = new Streaming(
        `prometheus-rw=http://an%n:secret@127.0.0.1:${receiver.port}/?token=t`,
      );
      run.second();
      await until("the refusal", () => run.said.length === 1, 1);
      run.second();
      await until("the next frame", () => receiver.frames.length === 2, 1);
      const { port } = receiver;
      receiver.stop();
      run.end();
      const note = await run.sender.close(never);
      const words = "HTTP status 500: out of space";
      const address = `http://127.0.0.1:${port}/`;
      assert.equal(run.said, [
        `prometheus-rw: ${address} did not take a frame: ${words}; the run goes on, and frames are dropped`,
      ]);
      assert.is(note, `prometheus-rw: 3 of 3 frames did not reach ${address} (first: ${words}).`);
    },
    (response) => response.writeHead(500).end("out of\nspace\n"),
  );
});

test("a receiver without native histograms gets the same frame again with classic ones", async () => {
  await withReceiver(
    async (receiver) => {
      const run = new Streaming(`prometheus-rw=http://127.0.0.1:${receiver.port}`);
      run.second();
      await until("both forms", () => receiver.frames.length === 2, 1);
      run.end();
      assert.is(await run.sender.close(never), null);
      const labels = { clock: "service" };
      const [native, classic] = receiver.frames;
      assert.type(sampleOf(native!, "bench_request_duration_seconds", labels), "object");
      assert.is(sampleOf(classic!, "bench_request_duration_seconds_count", labels), 2);
      assert.is(receiver.frames.length, 3);
      assert.match(run.said.join("\n"), /^prometheus-rw: the receiver takes no native histograms/);
    },
    (response, { samples }) => {
      const isNative = samples.some(({ value }) => typeof value === "object");
      if (isNative) response.writeHead(500).end("native histograms are disabled\n");
      else response.writeHead(204).end();
    },
  );
});

test.run();
