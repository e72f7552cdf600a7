/** Measures a fake etcd with planted mistakes: each lost or repeated write must be reported. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Mistakes } from "../../../../src/fake-etcd/mistakes.ts";
import { startFakeEtcd } from "../../../../src/fake-etcd/server.ts";
import type { Availability } from "../../../../src/result/availability-schema.ts";
import { measuredAt } from "./measured-at.ts";

/** The number of requests of each operation. */
const PUTS = 60;
/** Enough clients that no request is dropped, however late the responses are. */
const CLIENTS = 120;
/** One read warms each client's connection. */
const CONNECTION_READS = CLIENTS + 10;

/** The limits are high, so that no response is too slow on a busy machine. */
async function measured(planted: Partial<Mistakes>, workload: string): Promise<Availability> {
  const server = await startFakeEtcd(null, planted);
  try {
    server.begin(true);
    const { availability } = await measuredAt(`127.0.0.1:${server.port}`, {
      ...{ clients: String(CLIENTS), total: String(PUTS * workload.split(",").length), workload },
      ...{ timeout: "10s", slow: "10s", rate: "200" },
    });
    return availability!;
  } finally {
    await server.close();
  }
}

// Each run loads a worker thread, so one run plants all mistakes that do not affect each other.

test("a server that keeps acknowledged writes loses nothing, and no lock has two owners", async () => {
  const { writes, reads, groups, locks } = await measured({}, "put,range-linearizable,lock");
  assert.equal(
    [writes!.acknowledged, writes!.lost, writes!.appliedTwice, writes!.corrupt],
    [PUTS, 0, 0, 0],
  );
  assert.equal([reads[0]!.stale, reads[0]!.notFound], [0, 0]);
  assert.is(
    groups.reduce((sum, { due }) => sum + due, 0),
    3 * PUTS,
  );
  assert.equal([locks!.twoOwners, locks!.expiredEarly], [0, 0]);
  assert.ok(locks!.acquired > PUTS / 2);
});

test("acknowledged puts that were dropped are lost, and repeated ones were applied twice", async () => {
  const applies = (put: number) => (put % 20 === 7 ? 0 : put % 20 === 9 ? 2 : 1);
  const { writes } = await measured({ applies }, "put,range-linearizable");
  assert.equal([writes!.acknowledged, writes!.lost, writes!.appliedTwice], [PUTS, 3, 3]);
  assert.equal(writes!.members, [{ member: "m1", keys: PUTS - 3, lost: 3, error: null }]);
  assert.equal(writes!.examples, [7, 27, 47]);
});

test("lost and repeated events and a lease that expired early are reported", async () => {
  const sends = (change: number) => (change % 20 === 7 ? 0 : change % 20 === 9 ? 2 : 1);
  const forgetsLease = (keepAlive: number) => keepAlive % 40 === 39;
  const { watches, leases } = await measured({ sends, forgetsLease }, "put,watch,lease-keepalive");
  const [watch] = watches;
  // One of every 20 changes is lost and one repeated; the keys of leases are changes too.
  assert.ok(watch!.lost >= 3, JSON.stringify(watch));
  assert.equal([watch!.duplicates, watch!.notDelivered], [watch!.lost, 0]);
  assert.ok(leases[0]!.expired >= 1, JSON.stringify(leases));
  assert.is(leases[0]!.expiredEarly, leases[0]!.expired);
});

test("old revisions are reported in linearizable and in serializable reads", async () => {
  const isStale = (range: number) => range > CONNECTION_READS && range % 5 === 0;
  const operations = ["range-linearizable", "range-serializable"];
  const { reads } = await measured({ isStale }, `put,${operations.join(",")}`);
  assert.equal(
    reads.map(({ operation }) => operation),
    operations,
  );
  for (const read of reads) {
    assert.ok(read.stale > 5, JSON.stringify(reads));
    assert.ok(read.mostRevisionsBehind > 5);
  }
});

test("a lock that two clients hold at one time, and one with an expired lease, are reported", async () => {
  const shared = await measured({ sharesLock: () => true }, "lock");
  assert.ok(shared.locks!.twoOwners > 0, JSON.stringify(shared.locks));
  const expired = await measured({ forgetsLockLease: (request) => request % 40 === 39 }, "lock");
  assert.ok(expired.locks!.expiredEarly >= 1, JSON.stringify(expired.locks));
});

test.run();
