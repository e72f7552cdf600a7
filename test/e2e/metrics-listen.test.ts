/** Compares metrics that are scraped and sent during a run with the figures of its result. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchProcess, bench, measuredBy, onlyOperation } from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";
import { MetricsReceiver, type ReceivedHistogram, sampleOf } from "../peers/metrics-receiver.ts";

/** Plan time, longer on a slow machine, which needs longer between two actions. */
const ms = (time: number) => `${patient(time)}ms`;

/** Values of a metric on a page, each with its label text. */
function valuesOf(page: string, name: string): { labels: string; value: number }[] {
  const lines = page.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, "gm"));
  return [...lines].map(([, labels = "", value]) => ({ labels, value: Number(value) }));
}

function figureOf(page: string, name: string, ...labels: string[]): number | undefined {
  return valuesOf(page, name).find((each) => labels.every((label) => each.labels.includes(label)))
    ?.value;
}

/** The middle of the median's bucket, in seconds. */
function medianOf(buckets: ReadonlyMap<number, number>, count: number, scale: number): number {
  let below = 0;
  for (const [index, each] of buckets) {
    below += each;
    if (below >= count / 2) return 2 ** ((index - 0.5) / 2 ** scale);
  }
  throw new Error("the buckets have less than the count");
}

/** Reads pages until bench stops listening. */
async function scrapeAll(url: string): Promise<string[]> {
  const pages: string[] = [];
  for (;;) {
    try {
      pages.push(await (await fetch(url)).text());
    } catch {
      return pages;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("scraping a run with an event returns its last figures, its verdict and its seconds", async () => {
  const running = new BenchProcess([
    ...["put", "--local", "--rate=200", "--clients=20", `--duration=${ms(4_000)}`],
    ...["--metrics-listen=127.0.0.1:0", "--label=commit=abc", "--output=json"],
    `--event=at=${ms(1_000)} for=${ms(800)} pause etcd1`,
  ]);
  const [, url] = await running.said(/^metrics are at (http:\S+)$/m);
  const pages = await scrapeAll(url!);
  const { result, code, stderr } = measuredBy(await running.ended);
  assert.is(code, 0, stderr);
  const { requests, serviceTime, responseTime, intervals } = onlyOperation(result);
  const last = pages.at(-1)!;
  const ofPut = 'op="put"';
  assert.is(figureOf(last, "bench_requests_total", ofPut, 'code="OK"'), requests.succeeded);
  assert.is(figureOf(last, "bench_offered_total"), requests.offered);
  assert.is(figureOf(last, "bench_dropped_total"), requests.dropped);
  for (const [clock, latency] of [
    ["service", serviceTime],
    ["response", responseTime!],
  ] as const) {
    const labels = [ofPut, `clock="${clock}"`];
    const count = figureOf(last, "bench_request_duration_seconds_count", ...labels)!;
    const sum = figureOf(last, "bench_request_duration_seconds_sum", ...labels)!;
    assert.is(count, latency.count);
    assert.ok(Math.abs((sum / count) * 1e3 - latency.meanMs!) < latency.meanMs! * 1e-3);
  }
  assert.is(figureOf(last, "bench_verdict", `verdict="${result.verdict.kind}"`), 1);
  const labels = valuesOf(last, "bench_offered_total")[0]!.labels;
  assert.ok(labels.includes(`run="${result.id}"`) && labels.includes('label_commit="abc"'));

  const seen = new Set(
    pages.flatMap(
      (page) => figureOf(page, "bench_request_duration_quantile_seconds", 'quantile="1"') ?? [],
    ),
  );
  const longest = new Set(intervals.flatMap(({ maxMs }) => maxMs ?? []));
  const others = [...seen].filter(
    (seconds) => !longest.has(Number((seconds * 1e3).toPrecision(5))),
  );
  assert.ok(seen.size >= 3, "several seconds were seen");
  // The result adds a short rest of the run to the previous second.
  assert.ok(others.length <= 2, `${others} s`);
  const active = pages.map((page) => figureOf(page, "bench_event_active", 'event="pause etcd1"'));
  assert.ok(active.includes(1) && active.at(-1) === 0, active.join());
  assert.is(figureOf(last, "bench_events_total", 'kind="pause"'), 1);
});

test("remote write and OTLP receive the figures of the result, and a hanging receiver only loses frames", async () => {
  const receiver = await MetricsReceiver.start();
  const hanging = await MetricsReceiver.start(() => {});
  const at = ({ port }: MetricsReceiver) => `127.0.0.1:${port}`;
  try {
    const end = await bench([
      ...["range", "key", "--local", "--clients=5", `--duration=${ms(2_500)}`, "--output=json"],
      `--output=prometheus-rw=http://${at(receiver)}`,
      `--output=otlp=http://ann:hidden-in-the-url@${at(receiver)}/mine`,
      `--output=otlp=http://${at(hanging)}`,
    ]);
    const { result, code, stderr } = measuredBy(end);
    assert.is(code, 0, stderr);
    assert.equal(receiver.faults, []);
    const { name: op, requests, serviceTime } = onlyOperation(result);
    const noteOn = (url: string) => result.notes.find((each) => each.includes(`reach ${url} (`));
    for (const path of ["/api/v1/write", "/mine"]) {
      // When the machine was too busy for the last frame, a note reports it.
      if (noteOn(`http://${at(receiver)}${path}`) !== undefined) continue;
      const frames = receiver.frames.filter((each) => each.path === path);
      assert.ok(frames.length >= 3, `${frames.length} frames`);
      const last = frames.at(-1)!;
      const labels = { op, run: result.id };
      const { succeeded, offered } = requests;
      assert.is(sampleOf(last, "bench_requests_total", { ...labels, code: "OK" }), succeeded);
      assert.is(sampleOf(last, "bench_offered_total"), offered);
      assert.is(sampleOf(last, "bench_verdict", { verdict: result.verdict.kind }), 1);
      const duration = sampleOf(last, "bench_request_duration_seconds", labels);
      const { count, sum, scale, buckets } = duration as ReceivedHistogram;
      assert.is(count, serviceTime.count);
      assert.ok(Math.abs(((sum / count) * 1e3) / serviceTime.meanMs! - 1) < 1e-3);
      const p50Ms = medianOf(buckets, count, scale) * 1e3;
      assert.ok(Math.abs(p50Ms / serviceTime.p50Ms! - 1) < 0.02, `${p50Ms} ms`);
    }
    assert.ok(noteOn(`http://${at(hanging)}/v1/metrics`));
    assert.not.match(end.stderr + end.stdout, /hidden-in-the-url/);
  } finally {
    receiver.stop();
    hanging.stop();
  }
});

test("a streaming output needs a receiver, and is refused in a command that runs nothing", async () => {
  const without = await bench(["put", "--local", "--total=1", "--output=otlp"]);
  assert.is(without.code, 2);
  assert.match(
    without.stderr,
    /--output: otlp needs the URL of a receiver, e\.g\. --output=otlp=http:\/\/127\.0\.0\.1:4318/,
  );
  const saved = await bench(["report", "none.json", "--output=otlp=http://127.0.0.1:1"]);
  assert.is(saved.code, 2);
  assert.match(saved.stderr, /--output: otlp takes the figures of a run while it goes on/);
});

test("an address that cannot be used for listening is refused before an etcd starts", async () => {
  const wrong = await bench(["put", "--local", "--total=1", "--metrics-listen=here"]);
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, /--metrics-listen: "here" is not an address \(HOST:PORT\), e\.g\. /);
  const far = await bench(["put", "--local", "--total=1", "--metrics-listen=203.0.113.7:9464"]);
  assert.is(far.code, 2);
  assert.match(far.stderr, /this machine has no such address/);
  assert.not.match(far.stderr, /local cluster/);
});

test.run();
