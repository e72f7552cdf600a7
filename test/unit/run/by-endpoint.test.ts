/** Tests the figures and thresholds of each endpoint, in a run over a fast etcd and a slow etcd. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseThreshold } from "../../../src/flags/threshold.ts";
import { operation } from "../../../src/load/load.ts";
import { tableFormat } from "../../../src/report/table.ts";
import type { RunObserver } from "../../../src/run/observer.ts";
import { measure } from "../../../src/run/run.ts";
import { checkThresholdSeries } from "../../../src/run/threshold-series.ts";
import type { PutSpec } from "../../../src/workloads/put/load.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";
import { startFakeEtcd } from "../../peers/fake-etcd.ts";

const DELAY_MS = 60;

test("requests of each endpoint are recorded separately, and thresholds name it by address or member", async () => {
  const answers = (delayMs: number) =>
    startFakeEtcd({
      Range: () => ({ header: { revision: "1" }, kvs: [], count: "0", more: false }),
      async Put() {
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
        return { header: { revision: "2" } };
      },
    });
  const [fast, slow] = [await answers(0), await answers(DELAY_MS)];
  try {
    const thresholds = [
      `put@${slow.endpoint}:mean<${DELAY_MS - 10}ms`,
      `put@slow one:mean>=${DELAY_MS - 10}ms`,
      "qps>0",
    ].map((text) => parseThreshold("--threshold", text));
    const plan = planFixture({
      target: { endpoints: [fast.endpoint, slow.endpoint] },
      load: { connections: 2, clients: 4 },
      limits: { totalRequests: null, durationMs: 500 },
      judge: { thresholds, by: "endpoint" },
    });
    const put = workloadOf<PutWorkload>(plan, "put");
    const { endpoints } = plan.target;
    const target = { endpoints, clusterId: null, version: null, members: [], notes: [] };
    const apart = [
      { endpoint: fast.endpoint, member: null },
      { endpoint: slow.endpoint, member: "slow one" },
      { endpoint: "127.0.0.1:1", member: "unused" },
    ];
    const spec = operation<PutSpec>({ series: ["put"], apart, kind: "put", put });
    const succeededOf = new Map<string, number>();
    const observer: RunObserver = {
      onEndpointSecond({ operation: of, endpoint, member }, { succeeded }) {
        const key = `${of} ${endpoint} ${member}`;
        succeededOf.set(key, (succeededOf.get(key) ?? 0) + succeeded);
      },
    };
    const prepared = { target, notes: [], operations: [spec] };
    const result = await measure(plan, prepared, { observers: [observer] });
    assert.equal(
      result.operations.map(({ name }) => name),
      ["put"],
    );
    const [whole] = result.operations;
    const [quick, late] = result.byEndpoint;
    assert.equal(
      result.byEndpoint.map(({ name, operation: of, member }) => [name, of, member]),
      [
        [`put@${fast.endpoint}`, "put", null],
        [`put@${slow.endpoint}`, "put", "slow one"],
      ],
    );
    const succeeded = quick!.requests.succeeded + late!.requests.succeeded;
    assert.is(succeeded, whole!.requests.succeeded);
    assert.ok(late!.serviceTime.minMs! >= DELAY_MS - 2, `${late!.serviceTime.minMs}`);
    assert.ok(quick!.requests.succeeded > late!.requests.succeeded);
    assert.ok(quick!.intervals.length > 0);
    assert.is(succeededOf.get(`put ${fast.endpoint} null`), quick!.requests.succeeded);
    assert.is(succeededOf.get(`put ${slow.endpoint} slow one`), late!.requests.succeeded);
    const [broken, held, every] = result.thresholds;
    assert.is(broken!.outcome, "broken");
    assert.is(held!.outcome, "held");
    assert.is(every!.outcome, "held");
    const text = tableFormat.render([result], { color: false, widthColumns: null });
    assert.match(text, /^By endpoint\n/m);
    assert.match(text, new RegExp(`^put +${slow.endpoint} +slow one +\\d`, "m"));
  } finally {
    await fast.stop();
    await slow.stop();
  }
});

/** Puts at 200/s for 300 ms, one client per server; each server answers long after the timeout. */
async function stalledRun(endpoints: number, thresholds: readonly string[]) {
  const servers = await Promise.all(
    Array.from({ length: endpoints }, () =>
      startFakeEtcd({
        Range: () => ({ header: { revision: "1" }, kvs: [], count: "0", more: false }),
        async Put() {
          await new Promise((resolve) => setTimeout(resolve, 400));
          return { header: { revision: "2" } };
        },
      }),
    ),
  );
  try {
    const addresses = servers.map(({ endpoint }) => endpoint);
    const parsed = thresholds.map((text) =>
      parseThreshold("--threshold", text.replace("LAST", addresses.at(-1)!)),
    );
    const plan = planFixture({
      target: { endpoints: addresses },
      load: { connections: endpoints, clients: endpoints, timeoutMs: 100 },
      limits: { totalRequests: null, durationMs: 300 },
      pacing: { ratePerSec: 200, arrival: "constant" },
      judge: { thresholds: parsed, by: "endpoint" },
    });
    const apart = addresses.map((endpoint) => ({ endpoint, member: null }));
    const put = workloadOf<PutWorkload>(plan, "put");
    const target = { endpoints: addresses, clusterId: null, version: null, members: [], notes: [] };
    const spec = operation<PutSpec>({ series: ["put"], apart, kind: "put", put });
    return await measure(plan, { target, notes: [], operations: [spec] });
  } finally {
    for (const server of servers) await server.stop();
  }
}

test("with one endpoint, requests that were never sent count for that endpoint", async () => {
  const { operations, byEndpoint } = await stalledRun(1, []);
  const [whole] = operations;
  assert.ok(whole!.requests.dropped > 0);
  const { requests, responseTime } = byEndpoint[0]!;
  assert.equal([requests, responseTime], [whole!.requests, whole!.responseTime]);
});

test("with several endpoints, a request that was never sent may be of any, and bounds the figures of each", async () => {
  const thresholds = ["put@LAST:p90<1h", "put@LAST:errors<100%", "put@LAST:max>=10ms"];
  const stalled = await stalledRun(2, thresholds);
  const { dropped } = stalled.operations[0]!.requests;
  const { perhapsDropped, requests, responseTime } = stalled.byEndpoint.at(-1)!;
  assert.ok(dropped > 0);
  assert.is(perhapsDropped, dropped);
  assert.is(responseTime!.missing!.count, requests.failed + dropped);
  assert.is(responseTime!.maxMs, null);
  assert.equal(
    stalled.thresholds.map(({ outcome }) => outcome),
    ["undecided", "undecided", "held"],
  );
  assert.match(stalled.thresholds[0]!.reason!, /never sent may have been of put@/);
});

test("thresholds on endpoints need --by=endpoint, and an endpoint of the run", () => {
  const plan = planFixture();
  const check = (text: string, endpoints: Parameters<typeof checkThresholdSeries>[2]) => {
    plan.judge.thresholds = [parseThreshold("--threshold", text)];
    return () => checkThresholdSeries(plan, ["put"], endpoints);
  };
  const endpoints = [{ endpoint: "h:1", member: "m1" }];
  check("put@h:1:p99<1s", endpoints)();
  check("put@m1:p99<1s", endpoints)();
  assert.throws(
    check("put@h:2:p99<1s", endpoints),
    /"put@h:2" is no series .* put, put@h:1, put@m1$/,
  );
  assert.throws(check("put@m1:p99<1s", null), /is no series .* put; --by=endpoint records each/);
});

test.run();
