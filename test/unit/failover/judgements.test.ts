import { test } from "uvu";
import * as assert from "uvu/assert";
import { leadership } from "../../../src/failover/leadership.ts";
import { LEASE_GONE, leaseFigures } from "../../../src/failover/leases.ts";
import { lockFigures } from "../../../src/failover/locks.ts";
import { readFigures } from "../../../src/failover/reads.ts";
import {
  deliveries,
  WATCH_CREATED,
  WATCH_ENDED,
  watchFigures,
} from "../../../src/failover/watches.ts";
import { type MemberKeys, writeFigures } from "../../../src/failover/writes.ts";
import { NEVER_SENT } from "../../../src/load/recording/request-log.ts";
import { rows } from "./simulated-server.ts";

function holding(member: string, versions: [number, number][], corrupt: number[] = []): MemberKeys {
  return { member, versions: new Map(versions), corrupt: new Set(corrupt), error: null };
}

const UNREAD: MemberKeys = {
  member: "c",
  versions: null,
  corrupt: new Set(),
  error: "UNAVAILABLE",
};

test("an acknowledged put that one member does not have is lost", () => {
  const puts = rows({ number: 1 }, { number: 2 }, { number: 3, status: 14 });
  const members = [holding("a", [[1, 1], [2, 1]]), holding("b", [[1, 1]])]; // biome-ignore format: short
  const figures = writeFigures(puts, members);
  assert.is(figures.acknowledged, 2);
  assert.is(figures.lost, 1);
  assert.equal(figures.examples, [2]);
  assert.equal(figures.members.map(({ lost }) => lost), [0, 1]); // biome-ignore format: short
});

test("puts in doubt are resolved into applied, not applied, and applied on some members", () => {
  const puts = rows(
    { number: 1, status: 4 },
    { number: 2, status: 14 },
    { number: 3, status: 14 },
    { number: 4, status: NEVER_SENT },
  );
  const figures = writeFigures(puts, [
    holding("a", [
      [1, 1],
      [3, 1],
    ]),
    holding("b", [[1, 1]]),
  ]);
  assert.is(figures.inDoubt, 3);
  assert.equal(
    [figures.inDoubtApplied, figures.inDoubtNotApplied, figures.inDoubtDiverged],
    [1, 1, 1],
  );
});

test("a key that one put wrote twice was applied twice, whether acknowledged or not", () => {
  const puts = rows({ number: 1 }, { number: 2, status: 4 }, { number: 3 });
  const figures = writeFigures(puts, [
    holding("a", [
      [1, 2],
      [2, 2],
      [3, 1],
    ]),
  ]);
  assert.is(figures.appliedTwice, 2);
  assert.is(figures.lost, 0);
});

test("a value other than the put's is corrupt", () => {
  assert.is(writeFigures(rows({ number: 1 }), [holding("a", [[1, 1]], [1])]).corrupt, 1);
});

test("if no member can be read, nothing is known of writes, lost or in doubt", () => {
  const figures = writeFigures(rows({ number: 1 }, { number: 2, status: 4 }), [UNREAD]);
  assert.equal([figures.lost, figures.appliedTwice, figures.corrupt], [null, null, null]);
  const { inDoubt, inDoubtApplied, inDoubtNotApplied, inDoubtDiverged } = figures;
  assert.equal(
    [inDoubt, inDoubtApplied, inDoubtNotApplied, inDoubtDiverged],
    [1, null, null, null],
  );
  assert.equal(figures.members, [{ member: "c", keys: null, lost: null, error: "UNAVAILABLE" }]);
});

test("a read is stale by the time since the first acknowledgement that it misses", () => {
  const answered = rows({ endMs: 10, revision: 5 }, { endMs: 20, revision: 6 }, { endMs: 50, revision: 7 }); // biome-ignore format: short
  const reads = rows(
    { dueMs: 60, endMs: 61, revision: 7, known: 7, number: 3 },
    { dueMs: 60, endMs: 61, revision: 5, known: 7, number: 0 },
    { dueMs: 60, endMs: 99, status: 14, known: 7 },
  );
  assert.equal(readFigures(reads, answered), {
    ...{ answered: 2, stale: 1, notFound: 1 },
    ...{ longestStaleMs: 40, mostRevisionsBehind: 2 },
  });
});

const look = (dueMs: number, number: number, revision: number, known: number, status = 0) => {
  return { dueMs, endMs: dueMs + 1, number, revision, known, status };
};

test("a leader is lost, another one is elected, and the killed member catches up", () => {
  const survivor = rows(
    look(900, 1, 2, 10),
    look(1_100, 1, 2, 10),
    look(1_900, 0, 2, 10),
    look(2_100, 2, 3, 11),
    look(2_500, 2, 3, 90),
    look(3_500, 2, 3, 95),
  );
  const killed = rows(
    look(950, 1, 2, 10),
    look(1_500, 0, 0, 0, 14),
    look(2_600, 2, 3, 40),
    look(2_700, 2, 3, 92),
  );
  const members = [
    { member: "b", looks: survivor },
    { member: "a", looks: killed },
  ];
  assert.equal(leadership(members, 1_000, "a"), {
    ...{ leaderLostMs: 901, leaderElectedMs: 1_101, elections: 1 },
    ...{ memberHealthyMs: 1_601, memberCaughtUpMs: 1_701, mostEntriesBehind: 50 },
  });
});

test("if the leader stays, no loss or election is reported", () => {
  const looks = rows(look(900, 1, 2, 10), look(1_100, 1, 2, 12));
  const found = leadership([{ member: "b", looks }], 1_000, "a");
  assert.equal([found.leaderLostMs, found.leaderElectedMs, found.elections], [null, null, 0]);
  assert.is(found.memberHealthyMs, null);
});

test("if no member answers at the end, it is unknown whether the leader stayed", () => {
  const silent = (dueMs: number) => look(dueMs, 0, 0, 0, 14);
  const looks = rows(look(900, 1, 2, 10), look(1_001, 1, 2, 12), silent(2_000), silent(5_000));
  assert.is(leadership([{ member: "b", looks }], 1_000, "b").elections, null);
  const other = rows(look(900, 1, 2, 10), look(4_900, 1, 2, 12));
  const both = [
    { member: "a", looks },
    { member: "b", looks: other },
  ];
  assert.is(leadership(both, 1_000, "a").elections, 0);
});

test("a watcher's longest gap, duplicates, lost events and the time until it resumes", () => {
  const event = (endMs: number, number: number, revision: number) => {
    return { dueMs: endMs, endMs, number, revision };
  };
  const seen = rows(
    event(10, 1, 5),
    event(20, 2, 6),
    { dueMs: 25, endMs: 25, number: WATCH_ENDED, status: 14 },
    event(520, 2, 6),
    event(521, 4, 8),
  );
  const put = (endMs: number, number: number, revision: number) => ({ endMs, number, revision });
  const puts = rows(put(9, 1, 5), put(19, 2, 6), put(30, 3, 7), put(40, 4, 8), put(600, 5, 9));
  assert.equal(watchFigures(seen, puts), {
    ...{ events: 4, longestGapMs: 500, gapStartMs: 20, duplicates: 1, outOfOrder: 0 },
    ...{ lost: 1, notDelivered: 1, resumes: 1, longestResumeMs: 495 },
  });
  const delivered = deliveries(seen, puts);
  assert.equal([...delivered.status], [0, 0, 4, 0, 4]);
  assert.equal([...delivered.endMs], [10, 20, 600, 521, 600]);
});

test("puts from before a watcher was created are not due to it, and are not lost", () => {
  const at = (endMs: number, number: number, revision: number) => {
    return { dueMs: endMs, endMs, number, revision };
  };
  const put = (endMs: number, number: number, revision: number) => ({ endMs, number, revision });
  const puts = rows(put(9, 1, 5), put(19, 2, 6), put(30, 3, 7), put(40, 4, 8));
  const due = (...seen: ReturnType<typeof at>[]) => {
    const { lost, notDelivered } = watchFigures(rows(...seen), puts);
    return [[...deliveries(rows(...seen), puts).status], lost, notDelivered];
  };
  // The first event, of 7, is lost.
  const created = at(25, WATCH_CREATED, 7);
  assert.equal(due(created, at(41, 4, 8)), [[4, 0], 1, 0]);
  assert.equal(due(created), [[4, 4], 0, 2]);
  // Of the first time that it was created, not of those after its stream had ended.
  const again = at(35, WATCH_CREATED, 8);
  assert.equal(due(created, at(30, WATCH_ENDED, 0), again, at(41, 4, 8)), [[4, 0], 1, 0]);
  // A server that does not name a revision, and watchers from before the run or never created.
  assert.equal(due(at(25, WATCH_CREATED, 0), at(31, 3, 7), at(41, 4, 8)), [[0, 0], 0, 0]);
  assert.equal(due(at(31, 3, 7), at(32, WATCH_ENDED, 0), again, at(41, 4, 8)), [
    [4, 4, 0, 0],
    2,
    0,
  ]);
  assert.equal(due(at(25, WATCH_ENDED, 0)), [[4, 4, 4, 4], 0, 4]);
});

test("a lease that is gone before its TTL has passed expired early", () => {
  const keep = (dueMs: number, number: number, status = 0) => {
    return { dueMs, endMs: dueMs + 5, number, status };
  };
  const seen = rows(
    keep(0, 1),
    keep(0, 2),
    keep(1_900, 1, LEASE_GONE),
    keep(2_100, 2, LEASE_GONE),
    keep(2_200, 2, LEASE_GONE),
  );
  assert.equal(leaseFigures(seen, 2), { expired: 2, expiredEarly: 1, longestGapMs: 0 });
});

test("a lock that is granted while another client holds it has two owners", () => {
  const hold = (dueMs: number, number: number, known: number, revision: number) => {
    return { dueMs, number, known, revision };
  };
  const seen = rows(hold(0, 1, 10, 20), hold(5, 1, 10, 30), hold(0, 2, 12, 14), hold(40, 1, 1, 2));
  assert.equal(lockFigures(seen), { acquired: 4, twoOwners: 1, expiredEarly: 0 });
});

test("each client's lease that a lock request finds expired counts once as expired early", () => {
  const refused = (known: number) => ({ status: LEASE_GONE, known });
  const seen = rows(refused(3), refused(3), refused(4), { status: 14, known: 5 });
  assert.equal(lockFigures(seen), { acquired: 0, twoOwners: 0, expiredEarly: 2 });
});

test.run();
