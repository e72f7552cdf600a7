/** Tests which keys a range reads, in bytes. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { keyRangeOf } from "../../../src/plan/key-range.ts";
import { anyCharacter } from "../../fixtures/characters.ts";
import { cases } from "../../harness/whole-run.ts";

test("without a prefix the key and the end are their UTF-8", () => {
  const { key, end } = keyRangeOf({ key: "a", end: "é", prefix: false });
  assert.equal([key, end], [Buffer.from("a"), Buffer.from([0xc3, 0xa9])]);
  assert.is(keyRangeOf({ key: "a", end: null, prefix: false }).end, null);
});

test("the empty prefix is etcd's range of all keys", () => {
  const { key, end } = keyRangeOf({ key: "", end: null, prefix: true });
  assert.equal([key, end], [Buffer.from([0]), Buffer.from([0])]);
});

test("a key is in a prefix's range if and only if it starts with the prefix", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: anyCharacter, minLength: 1 }),
      fc.uint8Array({ minLength: 1 }),
      fc.boolean(),
      (prefix, bytes, isInside) => {
        const { key, end } = keyRangeOf({ key: prefix, end: null, prefix: true });
        const other = isInside ? Buffer.concat([Buffer.from(prefix), bytes]) : Buffer.from(bytes);
        const lies = Buffer.compare(other, key) >= 0 && Buffer.compare(other, end!) < 0;
        assert.is(lies, other.subarray(0, key.length).equals(key));
      },
    ),
    { seed: 1, numRuns: cases(500) },
  );
});

test.run();
