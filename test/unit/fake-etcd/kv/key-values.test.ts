/** What the fake etcd keeps, held against a plain map, and how much of the past it remembers. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { KeyValues } from "../../../../src/fake-etcd/kv/key-values.ts";

const VALUE = Buffer.from("v");

test("keys stand in order with the revisions of their own writes, whatever is put and deleted", () => {
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

test("the last changes are told from a revision on, and forgotten ones are not passed over", () => {
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
