/** Tests the list of slowest requests, in a run against a fake etcd that delays one answer. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { operation } from "../../../src/load/load.ts";
import type { Prepared } from "../../../src/run/prepare.ts";
import { measure } from "../../../src/run/run.ts";
import type { PutSpec } from "../../../src/workloads/put/load.ts";
import type { PutWorkload } from "../../../src/workloads/put/schema.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";
import { workloadOf } from "../../fixtures/workload-of.ts";
import { startFakeEtcd } from "../../peers/fake-etcd.ts";

const DELAYED = 23;
/** Longer than the delay that a busy machine adds to the others. */
const DELAY_MS = 1_500;

test("a delayed request is first in the list of the slowest, with endpoint, key and revision", async () => {
  let revision = 0;
  const etcd = await startFakeEtcd({
    Range: () => ({ header: { revision: "1" }, kvs: [], count: "0", more: false }),
    async Put({ key }) {
      revision += 1;
      const header = { revision: String(100 + revision) };
      const isPlanted = (key as Buffer).equals(Buffer.from([0, 0, 0, 0, 0, 0, 0, DELAYED]));
      if (isPlanted) await new Promise((resolve) => setTimeout(resolve, DELAY_MS));
      return { header };
    },
  });
  try {
    const plan = planFixture({
      target: { endpoints: [etcd.endpoint] },
      load: { connections: 1, clients: 2 },
      limits: { totalRequests: 60 },
      judge: { keepSlowest: 5 },
    });
    const put = workloadOf<PutWorkload>(plan, "put");
    const { endpoints } = plan.target;
    const target = { endpoints, clusterId: null, version: null, members: [], notes: [] };
    const operations = [operation<PutSpec>({ series: ["put"], kind: "put", put })];
    const prepared: Prepared = { target, notes: [], operations };
    const result = await measure(plan, prepared);
    const [series] = result.operations;
    const slowest = series!.slowest!;
    assert.is(slowest.length, 5);
    const [first, second] = slowest;
    assert.is(first!.key, `hex:00000000000000${DELAYED.toString(16)}`);
    assert.is(first!.revision, 100 + DELAYED + 1);
    assert.is(first!.endpoint, etcd.endpoint);
    assert.is(first!.code, "OK");
    assert.is(first!.responseMs, null);
    // A timer counts from the begin of its turn of the event loop, which may be long on a busy machine.
    assert.ok(first!.serviceMs > DELAY_MS / 2 && first!.serviceMs > second!.serviceMs);
    // Histograms keep three significant digits.
    assert.ok(Math.abs(first!.serviceMs / series!.serviceTime.maxMs! - 1) < 0.01);
    assert.ok(first!.startSeconds >= 0 && first!.startSeconds < result.durationSeconds);
  } finally {
    await etcd.stop();
  }
});

test.run();
