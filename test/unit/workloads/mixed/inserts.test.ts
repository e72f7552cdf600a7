/** Indices of inserted keys, and how many insertions are complete without a gap. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DealtSequence, splitLoad } from "../../../../src/plan/shares.ts";
import { Inserts } from "../../../../src/workloads/mixed/inserts.ts";

const CLIENTS = 4;
const [SHARE] = splitLoad({ connections: 1, clients: CLIENTS, workers: 1 }, ["a:1"]);

test("the count of inserted keys ends before the first insert in flight", () => {
  // Each step belongs to one client: it begins an insert, or ends the one in flight.
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: CLIENTS - 1 })), (steps) => {
      const inserts = new Inserts(10, SHARE!);
      const underWay = new Map<number, number>();
      let begun = 0;
      for (const client of steps) {
        if (underWay.has(client)) {
          inserts.end(client);
          underWay.delete(client);
          assert.is(inserts.count, Math.min(begun, ...underWay.values()));
        } else {
          const before = inserts.count;
          assert.is(inserts.begin(client), begun);
          underWay.set(client, begun);
          begun += 1;
          assert.is(inserts.count, before, "what has only begun does not count");
        }
      }
    }),
  );
});

test("an end without a begin changes nothing", () => {
  const inserts = new Inserts(10, SHARE!);
  inserts.end(2);
  inserts.begin(1);
  inserts.end(1);
  inserts.end(1);
  assert.is(inserts.count, 1);
});

test("inserted keys of all workers follow the key space, without gaps and without shared keys", () => {
  const shape = fc.record({ clients: fc.integer({ min: 2, max: 9 }), each: fc.nat({ max: 40 }) });
  fc.assert(
    fc.property(shape, ({ clients, each }) => {
      const shares = splitLoad({ connections: 2, clients, workers: 2 }, ["a:1"]);
      const rounds = shares.map((share) => {
        const inserts = new Inserts(100, share);
        const places = each * share.clientNumbers.length;
        return Array.from({ length: places }, (_, place) => inserts.indexOf(place));
      });
      assert.equal(
        rounds.flat().sort((a, b) => a - b),
        Array.from({ length: each * clients }, (_, place) => 100 + place),
      );
    }),
  );
});

test("the number at a place is the one that iterating the sequence gives", () => {
  for (const share of splitLoad({ connections: 3, clients: 7, workers: 3 }, ["a:1"])) {
    const sequence = new DealtSequence(share);
    for (let place = 0; place < 50; place++) assert.is(sequence.at(place), sequence.next());
  }
});

test.run();
