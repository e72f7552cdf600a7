/** A whole run in this process over two etcds, one of which is slow: the figures of each, and thresholds on them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseThreshold } from "../../../src/flags/threshold.ts";
import { operation } from "../../../src/load/load.ts";
import { tableFormat } from "../../../src/report/table.ts";
import { measure } from "../../../src/run/run.ts";
import { checkThresholdSeries } from "../../../src/run/threshold-series.ts";
import type { PutSpec } from "../../../src/workloads/put/load.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";
import { startFakeEtcd } from "../../peers/fake-etcd.ts";

const DELAY_MS = 60;

test("requests of each endpoint are recorded apart, and thresholds name them by address or member", async () => {
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
    const result = await measure(plan, { target, notes: [], operations: [spec] });
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
