/** Measures a fake etcd that makes mistakes: what it drops must be reported as lost, and what it doubles as applied twice. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Mistakes } from "../../../../src/fake-etcd/mistakes.ts";
import { startFakeEtcd } from "../../../../src/fake-etcd/server.ts";
import type { Availability } from "../../../../src/result/availability-schema.ts";
import { measuredAt } from "./measured-at.ts";

const PUTS = 150;
/** Each client's connection is warmed by one. */
const CONNECTION_READS = 310;

/** Half of the requests are puts; no answer is too slow on a busy machine. */
async function measured(
  planted: Partial<Mistakes> = {},
  workload = "put,range-linearizable",
): Promise<Availability> {
  const server = await startFakeEtcd(null, planted);
  try {
    server.begin(true);
    const { availability } = await measuredAt(`127.0.0.1:${server.port}`, {
      ...{ clients: "300", total: String(2 * PUTS), workload },
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
  const { writes } = await measured({ applies: (put) => (put % 50 === 7 ? 0 : 1) });
  assert.equal([writes!.acknowledged, writes!.lost], [PUTS, 3]);
  assert.equal(writes!.members, [{ member: "m1", keys: PUTS - 3, lost: 3, error: null }]);
  assert.equal(writes!.examples, [7, 57, 107]);
});

test("puts that were applied twice are reported as such", async () => {
  const { writes } = await measured({ applies: (put) => (put % 50 === 9 ? 2 : 1) });
  assert.equal([writes!.lost, writes!.appliedTwice], [0, 3]);
});

test("events that were not sent, and those that were sent twice, are reported", async () => {
  const sends = (change: number) => (change % 50 === 7 ? 0 : change % 50 === 9 ? 2 : 1);
  const { watches } = await measured({ sends }, "put,range-linearizable,watch");
  const [watch] = watches;
  assert.equal([watch!.lost, watch!.duplicates, watch!.notDelivered], [3, 3, 0]);
});

test("reads of an old revision are backward where they are linearizable, else stale", async () => {
  const isStale = (range: number) => range > CONNECTION_READS && range % 10 === 0;
  for (const operation of ["range-linearizable", "range-serializable"]) {
    const { reads } = await measured({ isStale }, `put,${operation}`);
    assert.is(reads[0]!.operation, operation);
    assert.ok(reads[0]!.stale > 5, JSON.stringify(reads));
    assert.ok(reads[0]!.mostRevisionsBehind > 5);
  }
});

test("a lease that a keep-alive finds gone too soon expired early", async () => {
  const forgetsLease = (keepAlive: number) => keepAlive % 100 === 99;
  const { leases } = await measured({ forgetsLease }, "put,lease-keepalive");
  assert.equal([leases[0]!.expired, leases[0]!.expiredEarly], [1, 1]);
});

test("a lock that two clients have at one time, and one whose lease is gone, are reported", async () => {
  const sound = await measured({}, "lock");
  assert.equal([sound.locks!.twoOwners, sound.locks!.expiredEarly], [0, 0]);
  assert.ok(sound.locks!.acquired > PUTS);
  const shared = await measured({ sharesLock: () => true }, "lock");
  assert.ok(shared.locks!.twoOwners > 0, JSON.stringify(shared.locks));
  const expired = await measured({ forgetsLockLease: (request) => request % 100 === 99 }, "lock");
  assert.ok(expired.locks!.expiredEarly >= 1, JSON.stringify(expired.locks));
});

test.run();
