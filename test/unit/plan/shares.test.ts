/** Tests splitting a plan among workers: for every plan, nothing is lost or done twice. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DealtSequence, dealtCount, type LoadShape, splitLoad } from "../../../src/plan/shares.ts";

const shapes = fc.record({
  connections: fc.integer({ min: 1, max: 60 }),
  clients: fc.integer({ min: 1, max: 120 }),
  workers: fc.integer({ min: 1, max: 12 }),
});
const endpointLists = fc
  .integer({ min: 1, max: 5 })
  .map((count) => Array.from({ length: count }, (_, index) => `10.0.0.${index}:2379`));
const totals = fc.integer({ min: 0, max: 5_000 });

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

test("every client is assigned once, with the connection: client mod connections", () => {
  fc.assert(
    fc.property(shapes, endpointLists, (load, endpoints) => {
      const seen: number[] = [];
      for (const share of splitLoad(load, endpoints)) {
        assert.is(share.clients, load.clients);
        assert.ok(share.clientNumbers.length > 0, "a worker without clients");
        assert.is(share.clientConnections.length, share.clientNumbers.length);
        const workers = splitLoad(load, endpoints).length;
        share.clientNumbers.forEach((number, index) => {
          const connection = share.workerIndex + share.clientConnections[index]! * workers;
          assert.is(connection, number % load.connections);
          seen.push(number);
        });
      }
      assert.equal(
        seen.sort((a, b) => a - b),
        Array.from({ length: load.clients }, (_, client) => client),
      );
    }),
  );
});

test("every connection is assigned once, to the endpoint: connection mod endpoints", () => {
  fc.assert(
    fc.property(shapes, endpointLists, (load, endpoints) => {
      const shares = splitLoad(load, endpoints);
      assert.is(sum(shares.map((share) => share.connectionEndpoints.length)), load.connections);
      shares.forEach((share, worker) => {
        assert.is(share.workerIndex, worker);
        share.connectionEndpoints.forEach((endpoint, index) => {
          const connection = worker + index * shares.length;
          assert.is(endpoint, endpoints[connection % endpoints.length]);
        });
      });
    }),
  );
});

test("every worker has work, and as many workers are used as possible", () => {
  fc.assert(
    fc.property(shapes, (load) => {
      const shares = splitLoad(load, ["a:1"]);
      assert.is(shares.length, Math.min(load.workers, load.connections, load.clients));
    }),
  );
});

test("the shares of a total add up to it, and each matches the length of its sequence", () => {
  fc.assert(
    fc.property(shapes, totals, (load, total) => {
      const shares = splitLoad(load, ["a:1"]);
      const counts = shares.map((share) => dealtCount(total, share));
      assert.is(sum(counts), total);
      shares.forEach((share, index) => {
        const sequence = new DealtSequence(share);
        for (let request = 0; request < counts[index]!; request++) {
          assert.ok(sequence.next() < total);
        }
        assert.ok(sequence.next() >= total);
      });
    }),
  );
});

test("a total beyond 32 bits is split exactly", () => {
  const total = 2 ** 40 + 12_345;
  const shares = splitLoad({ connections: 7, clients: 1_000, workers: 3 }, ["a:1"]);
  assert.is(sum(shares.map((share) => dealtCount(total, share))), total);
});

test("together the sequences contain every request once, each in ascending order", () => {
  fc.assert(
    fc.property(shapes, (load) => {
      const rounds = 3;
      const dealt: number[] = [];
      for (const share of splitLoad(load, ["a:1"])) {
        const sequence = new DealtSequence(share);
        let last = -1;
        for (let count = 0; count < rounds * share.clientNumbers.length; count++) {
          const number = sequence.next();
          assert.ok(number > last);
          last = number;
          dealt.push(number);
        }
      }
      assert.equal(
        dealt.sort((a, b) => a - b),
        Array.from({ length: rounds * load.clients }, (_, request) => request),
      );
    }),
  );
});

test("a restarted sequence gives the same numbers again", () => {
  fc.assert(
    fc.property(shapes, fc.nat(300), (load, turns) => {
      const sequence = new DealtSequence(splitLoad(load, ["a:1"])[0]!);
      const deal = () => Array.from({ length: turns }, () => sequence.next());
      const first = deal();
      sequence.restart();
      assert.equal(deal(), first);
    }),
  );
});

test("one worker has everything in order", () => {
  const load: LoadShape = { connections: 2, clients: 5, workers: 1 };
  assert.equal(splitLoad(load, ["a:1", "b:2", "c:3"]), [
    {
      workerIndex: 0,
      connectionEndpoints: ["a:1", "b:2"],
      clientConnections: [0, 1, 0, 1, 0],
      clientNumbers: [0, 1, 2, 3, 4],
      clients: 5,
    },
  ]);
});

test("with more connections than clients, the rest are opened and stay idle", () => {
  const shares = splitLoad({ connections: 5, clients: 2, workers: 4 }, ["a:1"]);
  assert.equal(
    shares.map((share) => share.connectionEndpoints.length),
    [3, 2],
  );
  assert.equal(
    shares.map((share) => share.clientConnections),
    [[0], [0]],
  );
});

test.run();
