/** The HTTP server of --live: the page, its updates during runs, and who may read it. */
import { get } from "node:http";
import { createServer } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BenchError } from "../../../src/errors.ts";
import { renderComparisonPage } from "../../../src/report/html/comparison-page.ts";
import { renderFailoverPage } from "../../../src/report/html/failover-page.ts";
import type { LiveReport, LiveRuns } from "../../../src/report/html/live-page.ts";
import { renderResultsPage } from "../../../src/report/html/results-page.ts";
import { renderSoakPage } from "../../../src/report/html/soak-page.ts";
import { soakReport } from "../../../src/soak/report.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { LivePageServer } from "../../../src/stream/live-page-server.ts";
import { LiveRunsKeeper } from "../../../src/stream/live-runs.ts";
import { failoverReportOf } from "../../fixtures/failover-fixture.ts";
import { comparisonFixture } from "../../fixtures/page-fixtures.ts";
import { operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";
import { soakRows } from "../../fixtures/soak-rows.ts";
import { until } from "../../harness/conditions.ts";
import { mainOf, readUpdates } from "../../harness/live-updates.ts";
import { observedRun } from "./observed-run.ts";

test.before(initHistograms);

const NOTHING: LiveRuns = { results: [], runsDone: 0, underWay: null, report: null };

test("the page follows the runs, and at their end it is the page of the results", async () => {
  const operations = [operationFixture({ throughputPerSec: 4_321 })];
  const underWay = resultFixture({ operations, durationSeconds: 2 });
  const keeper = new LiveRunsKeeper(() => server.changed());
  const server = await LivePageServer.open("127.0.0.1:0", () => keeper.runs);
  const page = await (await fetch(`http://${server.address}/`)).text();
  assert.match(page, /The measurement has not begun/);
  assert.match(page, /connect-src 'self'/);
  const browser = readUpdates(`http://${server.address}/`);
  await until("the first update is here", () => browser.updates.length === 1);
  assert.is(mainOf(page), browser.updates[0]!.main);

  keeper.onStart({ ...observedRun(), soFar: () => underWay });
  await until("the run is on the page", () => browser.updates.length === 2);
  assert.match(browser.updates[1]!.title, /^put 4,321\/s/);
  assert.match(browser.updates[1]!.main, /<b>running<\/b>/);
  assert.not.match(browser.updates[1]!.main, /Verdict:/);

  const result = resultFixture();
  keeper.onEnd(result);
  keeper.finish({ kind: "results", results: [result] });
  await server.close();
  await until("the last update is here", () => browser.isClosed);
  const last = browser.updates.at(-1)!;
  assert.is(last.isOver, true);
  assert.is(last.main, mainOf(renderResultsPage([result])));
  await server.close();
});

test("a page gets the last change, also if it asks for changes after the end", async () => {
  const result = resultFixture();
  const keeper = new LiveRunsKeeper(() => {});
  const server = await LivePageServer.open("127.0.0.1:0", () => keeper.runs);
  await (await fetch(`http://${server.address}/`)).text();
  keeper.finish({ kind: "results", results: [result] });
  const closing = server.close();
  const late = readUpdates(`http://${server.address}/`);
  await closing;
  await until("the last update is here", () => late.isClosed);
  assert.is(late.updates.at(-1)!.main, mainOf(renderResultsPage([result])));
});

test("the page of a command that ends without a run says what it said before", async () => {
  const keeper = new LiveRunsKeeper(() => {});
  const server = await LivePageServer.open("127.0.0.1:0", () => keeper.runs);
  try {
    const main = async () => mainOf(await (await fetch(`http://${server.address}/`)).text());
    const before = await main();
    keeper.finish({ kind: "results", results: [] });
    assert.is(await main(), before);
  } finally {
    await server.close(AbortSignal.abort());
  }
});

test("the page of a session ends as the report of its runs, and until then shows the last ones", async () => {
  const mainOfLast = async (report: LiveReport) => {
    const keeper = new LiveRunsKeeper(() => {});
    const server = await LivePageServer.open("127.0.0.1:0", () => keeper.runs);
    try {
      const at = `http://${server.address}/`;
      for (let run = 1; run <= 30; run++) keeper.onEnd(resultFixture({ id: `m0run${run}` }));
      keeper.onStart(observedRun());
      assert.match(mainOf(await (await fetch(at)).text()), /30 runs before it/);
      assert.is(keeper.runs.results.length, 20);
      assert.is(keeper.runs.results.at(-1)!.id, "m0run30");
      keeper.finish(report);
      return mainOf(await (await fetch(at)).text());
    } finally {
      await server.close(AbortSignal.abort());
    }
  };
  const comparison = comparisonFixture(3, 1.1);
  const compared = await mainOfLast({ kind: "comparison", comparison });
  assert.is(compared, mainOf(renderComparisonPage(comparison)));
  const report = failoverReportOf([100, 200]);
  const trials = await mainOfLast({ kind: "failover", report });
  assert.is(trials, mainOf(renderFailoverPage(report)));
  const soak = soakReport({
    ...{ id: "s", startedAt: "2026-01-01T00:00:00.000Z", describe: "put", everyMs: 600_000 },
    ...{ plannedMs: 18_000_000, maxErrorRate: 0, rows: soakRows(30, () => ({})), results: [] },
  });
  assert.is(await mainOfLast({ kind: "soak", report: soak }), mainOf(renderSoakPage(soak)));
});

test("several reports in one turn are one change, and without a reader nothing is rendered", async () => {
  let rendered = 0;
  const keeper = new LiveRunsKeeper(() => server.changed());
  const server = await LivePageServer.open("127.0.0.1:0", () => {
    rendered += 1;
    return NOTHING;
  });
  keeper.onClient();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.is(rendered, 0);
  const browser = readUpdates(`http://${server.address}/`);
  await until("the first update is here", () => browser.updates.length === 1);
  keeper.onClient();
  keeper.onEvent();
  await until("the change is here", () => browser.updates.length === 2);
  assert.is(rendered, 2);
  await server.close();
});

test("other paths, methods and names of other sites are refused", async () => {
  const server = await LivePageServer.open("127.0.0.1:0", () => NOTHING);
  const at = (path: string, init: RequestInit = {}) =>
    fetch(`http://${server.address}${path}`, init).then(({ status }) => status);
  assert.is(await at("/?x=1"), 200);
  assert.is(await at("/favicon.ico"), 404);
  assert.is(await at("/", { method: "POST" }), 405);
  const asHost = (host: string) =>
    new Promise<number>((resolve) => {
      get(`http://${server.address}/`, { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
    });
  assert.is(await asHost("evil.example"), 403);
  assert.is(await asHost("127.0.0.1.evil.example"), 403);
  assert.is(await asHost("localhost:9480"), 200);
  // The pages that asked for no changes are not waited for.
  await server.close(AbortSignal.abort());
});

test("a port in use is a usage error that names the flag", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  try {
    await LivePageServer.open(`127.0.0.1:${port}`, () => NOTHING);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, BenchError);
    assert.is((error as BenchError).exitCode, 2);
    assert.match((error as BenchError).message, `--live=127.0.0.1:${port}: the port is in use`);
  } finally {
    other.close();
  }
});

test.run();
