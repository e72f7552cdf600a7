/** Measures a fake etcd that makes mistakes: what it drops must be reported as lost, and what it doubles as applied twice. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Applies } from "../../../../src/fake-etcd/kv/kept-answers.ts";
import { startFakeEtcd } from "../../../../src/fake-etcd/server.ts";
import type { Availability } from "../../../../src/result/availability-schema.ts";
import { measuredAt } from "./measured-at.ts";

const PUTS = 150;

/** Half of the requests are puts; no answer is too slow on a busy machine. */
async function measured(applies?: Applies): Promise<Availability> {
  const server = await startFakeEtcd(null, applies);
  try {
    server.begin(true);
    const { availability } = await measuredAt(`127.0.0.1:${server.port}`, {
      ...{ clients: "300", total: String(2 * PUTS), workload: "put,range-linearizable" },
      ...{ timeout: "10s", slow: "10s" },
    });
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

test("puts that were acknowledged and dropped are reported as lost", async () => {
  const { writes } = await measured((put) => (put % 50 === 7 ? 0 : 1));
  assert.equal([writes!.acknowledged, writes!.lost], [PUTS, 3]);
  assert.equal(writes!.members, [{ member: "m1", keys: PUTS - 3, lost: 3, error: null }]);
  assert.equal(writes!.examples, [7, 57, 107]);
});

test("puts that were applied twice are reported as such", async () => {
  const { writes } = await measured((put) => (put % 50 === 9 ? 2 : 1));
  assert.equal([writes!.lost, writes!.appliedTwice], [0, 3]);
});

test.run();
