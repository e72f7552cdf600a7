/** Chooses stream ids and maps each stream to its slot; checked against a plain map. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { StreamTable } from "../../../src/wire/stream-table.ts";
import { cases } from "../../harness/whole-run.ts";

const LARGEST_ID = 2 ** 31 - 1;

test("ids are odd and increase from 1", () => {
  const table = new StreamTable();
  assert.equal([table.add(7), table.add(7), table.add(9)], [1, 3, 5]);
  assert.equal([table.slotOf(1), table.slotOf(3), table.slotOf(5)], [7, 7, 9]);
  assert.is(table.open, 3);
});

test("an ended stream is neither open nor idle, while a future one and every even one are idle", () => {
  const table = new StreamTable();
  table.add(0);
  table.remove(1);
  table.remove(1);
  assert.equal([table.open, table.slotOf(1)], [0, -1]);
  assert.equal(
    [1, 2, 3, 4, 99].map((id) => table.isIdle(id)),
    [false, true, true, true, true],
  );
});

test("the table agrees with a map, whatever the order of opening and ending", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.nat(999) }) },
    { weight: 2, arbitrary: fc.record({ removeAt: fc.nat() }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const table = new StreamTable();
      const model = new Map<number, number>();
      let lastId = -1;
      for (const one of steps) {
        if ("add" in one) {
          const id = table.add(one.add);
          assert.ok(id > lastId && id % 2 === 1);
          lastId = id;
          model.set(id, one.add);
        } else if (model.size > 0) {
          const id = [...model.keys()][one.removeAt % model.size]!;
          table.remove(id);
          model.delete(id);
        }
        assert.is(table.open, model.size);
      }
      for (let id = 1; id <= lastId + 2; id += 2) {
        assert.is(table.slotOf(id), model.get(id) ?? -1);
        assert.is(table.isIdle(id), id > lastId);
      }
      const middle = Math.floor(lastId / 2);
      assert.equal(table.openAbove(0), [...model]);
      assert.equal(
        table.openAbove(middle),
        [...model].filter(([id]) => id > middle),
      );
    }),
    { numRuns: cases(60), seed: 511 },
  );
});

test("ids skip the place of a stream that stays open for long and never reuse it", () => {
  const table = new StreamTable();
  const long = table.add(42);
  let last = long;
  for (let turn = 0; turn < 1_000; turn++) {
    const id = table.add(turn);
    assert.ok(id > last);
    last = id;
    assert.is(table.slotOf(long), 42);
    table.remove(id);
  }
  assert.equal(table.openAbove(0), [[long, 42]]);
});

test("ids end before 2^31-1, even if many streams are open and some ids are skipped", () => {
  const table = new StreamTable(LARGEST_ID - 4_000);
  const open: number[] = [];
  for (let turn = 0; table.hasIds; turn++) {
    const id = table.add(turn);
    assert.ok(id <= LARGEST_ID, `id ${id}`);
    open.push(id);
    if (turn % 3 === 0) table.remove(open.shift()!);
  }
  assert.ok(open.length > 100);
});

test.run();
