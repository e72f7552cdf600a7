/** Keys: the order of their indices, and the exact octets of a key. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { indexBytes } from "../../../../src/plan/key-capacity.ts";
import type { KeySpace } from "../../../../src/plan/key-space.ts";
import { splitLoad } from "../../../../src/plan/shares.ts";
import { seededRandom } from "../../../../src/random.ts";
import { KeySequence, KeyWriter } from "../../../../src/workloads/parts/keys/key-writer.ts";
import { cases } from "../../../harness/whole-run.ts";

const KEYS: KeySpace = {
  keySizeBytes: 8,
  keySpaceSize: 1,
  sequential: false,
  popularity: "uniform",
  prefix: "",
  encoding: "fixed",
};

/** The key as hexadecimal digits; the octets before and after it must not change. */
function written(keys: Partial<KeySpace>, index: number, before = 0xee): string {
  const all = { ...KEYS, ...keys };
  const out = Buffer.alloc(all.keySizeBytes + 2, before);
  new KeyWriter(all).write(index, out, 1);
  assert.equal([out[0], out.at(-1)], [before, before], "an octet beside the key was written");
  return out.subarray(1, -1).toString("hex");
}

test("a fixed key is the index in big-endian order, padded to the size of the key", () => {
  assert.is(written({}, 0), "0000000000000000");
  assert.is(written({}, 1), "0000000000000001");
  assert.is(written({}, 0x123456), "0000000000123456");
  assert.is(written({}, 2 ** 32), "0000000100000000");
  assert.is(written({}, Number.MAX_SAFE_INTEGER), "001fffffffffffff");
  assert.is(written({ keySizeBytes: 2 }, 0xabcd), "abcd");
  assert.is(written({ keySizeBytes: 1 }, 255), "ff");
});

test("a varint key is what Go's binary.PutVarint writes, followed by zeros", () => {
  const cases: [index: number, hex: string][] = [
    [0, "00"],
    [1, "02"],
    [63, "7e"],
    [64, "8001"],
    [100, "c801"],
    [8_191, "fe7f"],
    [8_192, "808001"],
    [2 ** 31, "8080808010"],
    [2 ** 32, "8080808020"],
    [2 ** 52, "8080808080808010"],
    [Number.MAX_SAFE_INTEGER, "feffffffffffff1f"],
  ];
  for (const [index, hex] of cases) {
    assert.is(written({ encoding: "varint" }, index), hex.padEnd(16, "0"), String(index));
  }
});

test("a key begins with the prefix in UTF-8, and the index takes the rest", () => {
  assert.is(written({ prefix: "key-" }, 258), "6b65792d00000102");
  assert.is(written({ prefix: "é/" }, 1), "c3a92f0000000001");
  assert.is(written({ prefix: "key-", encoding: "varint" }, 64), "6b65792d80010000");
  assert.is(written({ prefix: "12345678" }, 0), "3132333435363738");
});

const encodings = fc.constantFrom("fixed" as const, "varint" as const);

test("no octet of the previous key is left", () => {
  const indices = fc.integer({ min: 0, max: 2 ** 40 });
  fc.assert(
    fc.property(encodings, fc.array(indices, { minLength: 1 }), (encoding, series) => {
      const keys = { ...KEYS, encoding, keySizeBytes: 12, prefix: "p" };
      const writer = new KeyWriter(keys);
      const out = Buffer.alloc(14, 0xee);
      for (const index of series) writer.write(index, out, 1);
      assert.is(out.subarray(1, -1).toString("hex"), written(keys, series.at(-1)!, 0xee));
    }),
  );
});

test("keys of different indices differ, even in a space that uses all octets of its keys", () => {
  fc.assert(
    fc.property(encodings, fc.integer({ min: 1, max: 70_000 }), (encoding, keySpaceSize) => {
      const keySizeBytes = Math.max(1, indexBytes(encoding, keySpaceSize));
      const keys = { ...KEYS, encoding, keySpaceSize, keySizeBytes };
      const writer = new KeyWriter(keys);
      const out = Buffer.alloc(keySizeBytes);
      const seen = new Set<string>();
      for (let index = 0; index < keySpaceSize; index++) {
        writer.write(index, out, 0);
        seen.add(out.toString("latin1"));
      }
      assert.is(seen.size, keySpaceSize);
    }),
    { numRuns: cases(10) },
  );
});

test("distinct indices differ beyond 32 bits too", () => {
  const large = fc.integer({ min: 2 ** 32 - 10, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(
      encodings,
      fc.uniqueArray(large, { minLength: 2, maxLength: 2 }),
      (encoding, [a, b]) => {
        assert.is.not(written({ encoding }, a!), written({ encoding }, b!));
      },
    ),
  );
});

test("fixed keys sort in the order of their indices", () => {
  const index = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(index, index, (a, b) => {
      assert.is(written({}, a) < written({}, b), a < b);
    }),
  );
});

const LOAD = { connections: 6, clients: 20, workers: 4 };

function sequences(keys: Partial<KeySpace>): KeySequence[] {
  return splitLoad(LOAD, ["a:1"]).map(
    (share) =>
      new KeySequence({ ...KEYS, ...keys }, share, () => seededRandom(9, share.workerIndex)),
  );
}

test("sequential keys of all workers together are 0, 1, 2, ... modulo the size of the space", () => {
  const shares = splitLoad(LOAD, ["a:1"]);
  const counts = new Map<number, number>();
  sequences({ sequential: true, keySpaceSize: 15 }).forEach((sequence, worker) => {
    // Three rounds of all clients make 60 requests: each of 15 keys four times.
    for (let request = 0; request < 3 * shares[worker]!.clientNumbers.length; request++) {
      const index = sequence.next();
      counts.set(index, (counts.get(index) ?? 0) + 1);
    }
  });
  assert.equal(
    [...counts.keys()].sort((a, b) => a - b),
    [...Array(15).keys()],
  );
  assert.equal(new Set(counts.values()), new Set([4]));
});

test("random keys cover the space evenly and differ between workers", () => {
  const [first, second] = sequences({ keySpaceSize: 50 });
  const take = (sequence: KeySequence) => Array.from({ length: 10_000 }, () => sequence.next());
  const [ofFirst, ofSecond] = [take(first!), take(second!)];
  for (const drawn of [ofFirst, ofSecond]) {
    assert.is(new Set(drawn).size, 50);
    for (let index = 0; index < 50; index++) {
      const count = drawn.filter((one) => one === index).length;
      assert.ok(count > 120 && count < 280, `index ${index} came ${count} times`);
    }
  }
  assert.not.equal(ofFirst, ofSecond);
});

test("a restart repeats the same keys", () => {
  for (const sequential of [true, false]) {
    const sequence = sequences({ sequential, keySpaceSize: 2 ** 40 })[1]!;
    const take = () => Array.from({ length: 100 }, () => sequence.next());
    const before = take();
    sequence.restart();
    assert.equal(take(), before);
  }
});

test("a space of one key has only index 0", () => {
  for (const sequential of [true, false]) {
    for (const sequence of sequences({ sequential, keySpaceSize: 1 })) {
      for (let turn = 0; turn < 50; turn++) assert.is(sequence.next(), 0);
    }
  }
});

test.run();
