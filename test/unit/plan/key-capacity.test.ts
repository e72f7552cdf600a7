/** Tests how many distinct keys a given key size allows. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { indexBytes, keyCapacity } from "../../../src/plan/key-capacity.ts";

test("a fixed index takes the bytes of its largest value, and none for a single key", () => {
  assert.is(indexBytes("fixed", 1), 0);
  assert.is(indexBytes("fixed", 2), 1);
  assert.is(indexBytes("fixed", 256), 1);
  assert.is(indexBytes("fixed", 257), 2);
  assert.is(indexBytes("fixed", 65_536), 2);
  assert.is(indexBytes("fixed", 2 ** 53 - 1), 7);
});

test("a varint index takes a byte for each 7 bits of the zig-zag value, at least one", () => {
  assert.is(indexBytes("varint", 1), 1);
  assert.is(indexBytes("varint", 64), 1);
  assert.is(indexBytes("varint", 65), 2);
  assert.is(indexBytes("varint", 8192), 2);
  assert.is(indexBytes("varint", 8193), 3);
  assert.is(indexBytes("varint", 2 ** 53 - 1), 8);
});

test("the capacity of a width is the largest key space whose index fits in it", () => {
  const encodings = fc.constantFrom("fixed" as const, "varint" as const);
  fc.assert(
    fc.property(encodings, fc.integer({ min: 1, max: 20 }), (encoding, bytes) => {
      const capacity = keyCapacity(encoding, bytes);
      assert.ok(indexBytes(encoding, capacity) <= bytes);
      const widest = capacity === Number.MAX_SAFE_INTEGER;
      if (!widest) assert.ok(indexBytes(encoding, capacity + 1) > bytes);
    }),
  );
});

test("if the prefix fills the key, only one fixed key fits", () => {
  assert.is(keyCapacity("fixed", 0), 1);
  assert.is(keyCapacity("varint", 0), 0);
  assert.is(keyCapacity("fixed", -1), 0);
});

test.run();
