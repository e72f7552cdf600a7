/** What a worker tracks of its objects: numbers, revisions, busy ones, and free slots. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Objects } from "../../../../src/workloads/kubernetes/objects.ts";

/** Worker 1 of 3, with `count` objects. */
function objectsOf(count: number): { objects: Objects; slots: number[] } {
  const objects = new Objects(1, 3, 2);
  const slots = Array.from({ length: count }, (_, index) => {
    const slot = objects.reserve();
    objects.wrote(slot, 10 + index, 100 + index);
    objects.add(slot);
    objects.setBusy(slot, false);
    return slot;
  });
  return { objects, slots };
}

test("each worker has its own numbers, and more objects than planned fit", () => {
  const { objects, slots } = objectsOf(9);
  assert.equal(
    slots.map((slot) => objects.number(slot)),
    [1, 4, 7, 10, 13, 16, 19, 22, 25],
  );
  assert.is(objects.count, 9);
});

test("busy objects are not picked unless all are busy", () => {
  const { objects, slots } = objectsOf(3);
  objects.setBusy(slots[0]!, true);
  objects.setBusy(slots[1]!, true);
  for (const drawn of [0, 0.5, 0.99]) assert.is(objects.pick(drawn), slots[2]);
  assert.is(objects.pickNext(), slots[2]);
  objects.setBusy(slots[2]!, true);
  assert.ok(slots.includes(objects.pick(0.5)));
});

test("round robin picks each object equally often", () => {
  const { objects, slots } = objectsOf(3);
  const picked = Array.from({ length: 6 }, () => objects.pickNext());
  for (const slot of slots) assert.is(picked.filter((each) => each === slot).length, 2);
});

test("the previous revision is the one held by a writer that missed the last update", () => {
  const { objects, slots } = objectsOf(1);
  assert.is(objects.revisionBefore(slots[0]!), 0);
  objects.wrote(slots[0]!, 55, 7);
  assert.equal([objects.modRevision(slots[0]!), objects.revisionBefore(slots[0]!)], [55, 10]);
});

test("a slot is free again after the last event of its deletion, in any order of the events", () => {
  for (const early of [0, 1, 2]) {
    const { objects, slots } = objectsOf(2);
    const slot = slots[0]!;
    objects.deleting(slot, 300);
    assert.is(objects.deletionOf(slot, 100), 300);
    assert.is(objects.deletionOf(slot, 99), -1, "of another value");
    for (let event = 0; event < early; event++) objects.sawDeletion(slot);
    objects.remove(slot, 2);
    assert.is(objects.count, 1);
    if (early < 2) assert.is.not(objects.reserve(), slot);
    for (let event = early; event < 2; event++) objects.sawDeletion(slot);
    assert.is(objects.reserve(), slot);
    assert.is(objects.revisionBefore(slot), 0);
  }
});

test.run();
