/** The HTTP server of --metrics-listen: what it answers, when it ends, and what it refuses. */
import { createServer } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { MetricsListener } from "../../../src/stream/metrics-listener.ts";

const FAMILY = {
  ...{ name: "bench_offered_total", help: "Offered.", type: "counter" as const },
  samples: [{ labels: {}, value: 7 }],
};

function open(): Promise<MetricsListener> {
  return MetricsListener.open("127.0.0.1:0", () => [FAMILY]);
}

const never = new AbortController().signal;

test("a scrape gets the page as OpenMetrics, and any other path or method gets an error", async () => {
  const listener = await open();
  const at = (path: string, method = "GET") =>
    fetch(`http://${listener.address}${path}`, { method });
  const page = await at("/metrics?x=1");
  assert.match(
    page.headers.get("content-type")!,
    /^application\/openmetrics-text; version=1\.0\.0/,
  );
  assert.match(await page.text(), /^bench_offered_total\{\} 7$/m);
  assert.is(await (await at("/metrics", "HEAD")).text(), "");
  const other = await at("/");
  assert.is(other.status, 404);
  assert.match(await other.text(), /\/metrics/);
  assert.is((await at("/metrics", "POST")).status, 405);
  await listener.close(never);
  await listener.close(never);
});

test("the end waits for the next scrape, for at most the usual gap between scrapes", async () => {
  const listener = await open();
  const scrape = async () => (await fetch(`http://${listener.address}/metrics`)).text();
  await scrape();
  const gapMs = 1_000;
  await new Promise((resolve) => setTimeout(resolve, gapMs));
  await scrape();
  let isClosed = false;
  const closing = listener.close(never).then(() => {
    isClosed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(isClosed, false);
  await scrape();
  await closing;

  const silent = await open();
  for (let scrapes = 0; scrapes < 3; scrapes++) {
    await (await fetch(`http://${silent.address}/metrics`)).text();
  }
  const startMs = performance.now();
  await silent.close(never);
  assert.ok(performance.now() - startMs < 5_000);
});

test("without scrapes, or after an abort, the end waits for no scrape", async () => {
  const listener = await open();
  await listener.close(never);
  const left = await open();
  for (let scrapes = 0; scrapes < 2; scrapes++) {
    await (await fetch(`http://${left.address}/metrics`)).text();
  }
  await left.close(AbortSignal.abort());
});

test("a port in use is an error that names the flag and another port", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  const error = await MetricsListener.open(`127.0.0.1:${port}`, () => []).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  taken.close();
  assert.ok(error instanceof BenchError);
  assert.is(error.flag, "metrics-listen");
  assert.is(
    error.message,
    `--metrics-listen=127.0.0.1:${port}: the port is in use; end what listens there, or name another, e.g. --metrics-listen=127.0.0.1:${port + 1}`,
  );
});

test("an address that this machine does not have is an error, too", async () => {
  const error = await MetricsListener.open("203.0.113.7:9464", () => []).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BenchError);
  assert.match(error.message, /this machine has no such address/);
});

test.run();
