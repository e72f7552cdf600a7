/** The fake etcd's store, compared with a plain map, and how many past changes it keeps. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { KeyValues } from "../../../../src/fake-etcd/kv/key-values.ts";

const VALUE = Buffer.from("v");

test("keys are sorted and have the revisions of their own writes, after any puts and deletes", () => {
  const key = fc.string({ unit: fc.constantFrom("a", "b", "/", "\xff", "\0"), maxLength: 3 });
  const step = fc.record({ key, isDelete: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), key, (steps, wanted) => {
      const keyValues = new KeyValues();
      const model = new Map<string, { created: number; modified: number; version: number }>();
      for (const { key, isDelete } of steps) {
        keyValues.revision += 1;
        const { revision } = keyValues;
        const before = model.get(key);
        if (isDelete) {
          assert.is(keyValues.delete(key) === null, before === undefined);
          model.delete(key);
          continue;
        }
        const { previous } = keyValues.put(key, VALUE, 0);
        assert.is(previous === null, before === undefined);
        const created = before?.created ?? revision;
        model.set(key, { created, modified: revision, version: (before?.version ?? 0) + 1 });
      }
      const keys = [...model.keys()].sort();
      assert.equal(
        Array.from({ length: keyValues.count }, (_, place) => keyValues.keyAt(place)),
        keys,
      );
      assert.is(keyValues.placeOf(wanted), keys.filter((key) => key < wanted).length);
      for (const [key, { created, modified, version }] of model) {
        const stored = keyValues.get(key)!;
        assert.is(stored.createRevision, created);
        assert.is(stored.modRevision, modified);
        assert.is(stored.version, version);
      }
    }),
  );
});

test("recent changes are returned from a revision on, and null if some of them are forgotten", () => {
  const keyValues = new KeyValues();
  const first = keyValues.revision + 1;
  const put = (count: number) => {
    for (let at = 0; at < count; at++) {
      keyValues.revision += 1;
      keyValues.put("k", VALUE, 0);
    }
  };
  put(10);
  assert.is(keyValues.changesFrom(first)!.length, 10);
  assert.equal(
    keyValues.changesFrom(first + 8)!.map(({ revision }) => revision),
    [first + 8, first + 9],
  );
  assert.equal(keyValues.changesFrom(first + 10), []);
  put(5_000);
  assert.is(keyValues.changesFrom(first), null);
  assert.is(keyValues.changesFrom(keyValues.revision - 99)!.length, 100);
});

test.run();
