/** State shared by clients of all workers: owners, hand-over times across clocks, terms, leases. */
import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  boardBuffer,
  ContentionBoard,
} from "../../../../src/workloads/parts/contention/contention-board.ts";

function boards(shape: { names: number; clients: number }, offsetsNs = [0, 0]) {
  const buffer = boardBuffer(shape);
  return offsetsNs.map((offsetNs) => new ContentionBoard(buffer, shape, offsetNs));
}

test("client k contends for name k modulo the number of names", () => {
  const [board] = boards({ names: 3, clients: 7 });
  assert.equal(
    [0, 1, 2, 3, 6].map((client) => board!.nameOf(client)),
    [0, 1, 2, 0, 0],
  );
});

test("all workers see a second owner, but not after the first one has released the name", () => {
  const [one, other] = boards({ names: 1, clients: 3 });
  one!.asked(0, 1, 0);
  assert.is(one!.granted(0, 1), true);
  other!.asked(1, 1, 0);
  assert.is(other!.granted(1, 1), false);
  // The second client is the owner now, so the first one's release does not clear it.
  one!.released(0, 5);
  other!.asked(2, 1, 6);
  assert.is(other!.granted(2, 1), false);
  other!.released(2, 7);
  one!.asked(0, 2, 8);
  assert.is(one!.granted(0, 2), true);
});

test("a hand-over is timed from one worker's clock to another's", () => {
  const [early, late] = boards({ names: 1, clients: 2 }, [1_000, 400]);
  early!.asked(0, 1, 0);
  early!.granted(0, 1);
  late!.asked(1, 1, 700);
  // 150 on the first clock is 1,150 on the shared clock; 900 on the other clock is 1,300.
  early!.released(0, 150);
  late!.granted(1, 1);
  assert.is(late!.sinceHandOverNs(1, 1, 900), 150);
});

test("a name that was free when it was requested has no hand-over time", () => {
  const [board] = boards({ names: 1, clients: 2 });
  board!.asked(0, 1, 10);
  board!.granted(0, 1);
  assert.is(board!.sinceHandOverNs(0, 1, 12), null, "never given back");
  board!.released(0, 20);
  board!.asked(1, 1, 30);
  board!.granted(1, 1);
  assert.is(board!.sinceHandOverNs(1, 1, 35), null, "given back before");
});

test("an observer may see a leader before the leader does or a term later, but not later than that", () => {
  const [board] = boards({ names: 1, clients: 2 });
  board!.asked(0, 1, 10);
  board!.released(1, 15);
  assert.is(board!.sinceHandOverNs(0, 1, 18), 3, "before its client has heard");
  board!.granted(0, 1);
  board!.released(0, 40);
  board!.asked(0, 2, 41);
  assert.is(board!.sinceHandOverNs(0, 1, 45), 30, "the term before");
  board!.asked(0, 3, 60);
  assert.is(board!.sinceHandOverNs(0, 1, 70), null, "its cell is another term's");
});

test("owners are in order while the revisions of their keys increase, for each name separately", () => {
  const [board] = boards({ names: 2, clients: 4 });
  const order = [
    [0, 5],
    [2, 9],
    [1, 3],
    [0, 8],
    [3, 4],
  ] as const;
  assert.equal(
    order.map(([client, revision]) => board!.isInOrder(client, revision)),
    [true, true, true, false, true],
  );
});

test("acquisitions are counted until a phase begins, and leases of 63 bits are kept exactly", () => {
  const shape = { names: 1, clients: 3 };
  const lease = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(fc.array(fc.nat(2), { maxLength: 30 }), lease, (owners, id) => {
      const [board] = boards(shape);
      for (const [term, client] of owners.entries()) {
        board!.asked(client, term + 1, term);
        board!.granted(client, term + 1);
        board!.released(client, term);
      }
      const counted = [0, 1, 2].map((client) => owners.filter((each) => each === client).length);
      assert.equal(board!.acquisitions, counted);
      board!.forgetAcquisitions(1);
      assert.equal(board!.acquisitions, [counted[0], 0, counted[2]]);
      board!.setLease(2, String(id));
      assert.is(board!.leaseOf(2), String(id));
    }),
  );
});

test.run();
