/** Figures that are scraped while a run goes on: the same as those of its result. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchProcess, bench, measuredBy, onlyOperation } from "../harness/bench-process.ts";
import { patient } from "../harness/patience.ts";

/** A time of the plan, which a slow machine needs longer for what happens until the next. */
const ms = (time: number) => `${patient(time)}ms`;

/** The values of a metric on a page, each with the text of its labels. */
function valuesOf(page: string, name: string): { labels: string; value: number }[] {
  const lines = page.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, "gm"));
  return [...lines].map(([, labels = "", value]) => ({ labels, value: Number(value) }));
}

function figureOf(page: string, name: string, ...labels: string[]): number | undefined {
  return valuesOf(page, name).find((each) => labels.every((label) => each.labels.includes(label)))
    ?.value;
}

/** Each page until bench no longer listens. */
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

test("a run with an event is scraped to its last figure, its verdict and its seconds", async () => {
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
  assert.ok(seen.size >= 2, "several seconds were seen");
  for (const seconds of seen) {
    assert.ok(longest.has(Number((seconds * 1e3).toPrecision(5))), `${seconds} s`);
  }
  const active = pages.map((page) => figureOf(page, "bench_event_active", 'event="pause etcd1"'));
  assert.ok(active.includes(1) && active.at(-1) === 0, active.join());
  assert.is(figureOf(last, "bench_events_total", 'kind="pause"'), 1);
});

test("an address that cannot be listened at is refused before an etcd is started", async () => {
  const wrong = await bench(["put", "--local", "--total=1", "--metrics-listen=here"]);
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, /--metrics-listen: "here" is not an address \(HOST:PORT\), e\.g\. /);
  const far = await bench(["put", "--local", "--total=1", "--metrics-listen=203.0.113.7:9464"]);
  assert.is(far.code, 2);
  assert.match(far.stderr, /this machine has no such address/);
  assert.not.match(far.stderr, /local cluster/);
});

test.run();
