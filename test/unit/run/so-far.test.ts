/** Tests the result of a running run: it is valid, and does not change the final result. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { operation } from "../../../src/load/load.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import type { ObservedRun } from "../../../src/run/observer.ts";
import type { Prepared } from "../../../src/run/prepare.ts";
import { measure } from "../../../src/run/run.ts";
import { runResultSchema } from "../../../src/saved/schemas.ts";
import type { PutSpec } from "../../../src/workloads/put/load.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";
import { startFakeEtcd } from "../../peers/fake-etcd.ts";

const withoutPauses = (intervals: RunResult["operations"][number]["intervals"]) =>
  intervals.map(({ clientPausedMs: _, ...figures }) => figures);

test("the result so far has the finished seconds, and does not change the final result", async () => {
  const header = { revision: "7" };
  const etcd = await startFakeEtcd({
    Range: () => ({ header, kvs: [], count: "0", more: false }),
    Put: () => ({ header }),
  });
  try {
    const plan = planFixture({
      target: { endpoints: [etcd.endpoint] },
      load: { connections: 1, clients: 4, workers: 2 },
      limits: { totalRequests: null, durationMs: 2_500 },
      pacing: { ratePerSec: 100 },
      judge: { keepSlowest: 3 },
    });
    const put = workloadOf<PutWorkload>(plan, "put");
    const { endpoints } = plan.target;
    const target = { endpoints, clusterId: null, version: null, members: [], notes: [] };
    const operations = [operation<PutSpec>({ series: ["put"], kind: "put", put })];
    const prepared: Prepared = { target, notes: [], operations };
    let run: ObservedRun | null = null;
    const seen: RunResult[] = [];
    const observer = {
      onStart(observed: ObservedRun) {
        run = observed;
      },
      onClient: () => void seen.push(run!.soFar()),
    };
    const result = await measure(plan, prepared, { observers: [observer] });
    assert.ok(seen.length >= 2, `${seen.length}`);
    const [last] = result.operations;
    let before = 0;
    for (const [at, soFar] of seen.entries()) {
      runResultSchema.parse(soFar);
      assert.is(soFar.id, result.id);
      const [series] = soFar.operations;
      const { requests, intervals, slowest } = series!;
      assert.ok(requests.succeeded >= before && requests.succeeded <= last!.requests.succeeded);
      assert.is(requests.offered, requests.succeeded + requests.failed + requests.dropped);
      assert.ok(slowest!.length <= 3);
      // Common intervals are equal, except for the client's pauses, which may be known later.
      assert.equal(
        withoutPauses(intervals.slice(0, at)),
        withoutPauses(last!.intervals.slice(0, at)),
      );
      before = requests.succeeded;
    }
    const [first] = seen[0]!.operations;
    assert.ok(first!.throughputPerSec! > 50 && first!.throughputPerSec! < 150);
    runResultSchema.parse(result);
  } finally {
    await etcd.stop();
  }
});

test.run();
