/** Measures a fake etcd that makes mistakes: what it drops must be reported as lost, and what it doubles as applied twice. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { TargetInfo } from "../../../../src/etcd/inspect.ts";
import type { Applies } from "../../../../src/fake-etcd/kv/kept-answers.ts";
import { startFakeEtcd } from "../../../../src/fake-etcd/server.ts";
import type { Availability } from "../../../../src/result/availability-schema.ts";
import { prepareWorkload } from "../../../../src/run/prepare.ts";
import { measure } from "../../../../src/run/run.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";

const PUTS = 150;

/** Half of the requests are puts; no answer is too slow on a busy machine. */
async function measured(applies?: Applies): Promise<Availability> {
  const server = await startFakeEtcd(null, applies);
  try {
    server.begin(true);
    const endpoint = `127.0.0.1:${server.port}`;
    const flags = {
      ...{
        endpoints: endpoint,
        rate: "1000",
        clients: "300",
        total: String(2 * PUTS),
        warmup: "0",
        workers: "1",
      },
      ...{ workload: "put,range-linearizable", timeout: "10s", slow: "10s" },
    };
    const { plan } = planFromFlags({ command: "availability", flags }, {});
    const member = { id: "1", name: "m1", endpoint, version: null, metricsUrls: [] };
    const unknown = { isLeader: true, isLearner: false, dbSizeBytes: null };
    const target: TargetInfo = {
      ...{ endpoints: [endpoint], clusterId: null, version: null, notes: [] },
      members: [{ ...member, ...unknown }],
    };
    const prepared = await prepareWorkload(plan, target, [], { tls: null, tokens: null });
    const { availability } = await measure(plan, prepared);
    return availability!;
  } finally {
    await server.close();
  }
}

test("a server that keeps what it acknowledges loses nothing", async () => {
  const { writes, reads, groups } = await measured();
  assert.equal(
    [writes!.acknowledged, writes!.lost, writes!.appliedTwice, writes!.corrupt],
    [PUTS, 0, 0, 0],
  );
  assert.equal([reads[0]!.stale, reads[0]!.notFound], [0, 0]);
  assert.is(
    groups.reduce((sum, { due }) => sum + due, 0),
    2 * PUTS,
  );
});

test("puts that were acknowledged and dropped are lost, and others were applied twice", async () => {
  const { writes } = await measured((put) => (put % 50 === 7 ? 0 : put % 50 === 9 ? 2 : 1));
  assert.equal([writes!.acknowledged, writes!.lost, writes!.appliedTwice], [PUTS, 3, 3]);
  assert.equal(writes!.members, [{ member: "m1", keys: PUTS - 3, lost: 3, error: null }]);
  assert.equal(writes!.examples, [7, 57, 107]);
});

test.run();
