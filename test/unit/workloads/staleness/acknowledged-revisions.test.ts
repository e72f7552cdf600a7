/** When the highest acknowledged revision rose, compared with a linear search. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { AcknowledgedRevisions } from "../../../../src/workloads/staleness/acknowledged-revisions.ts";

test("the first acknowledgement above a revision is found, for any order of revisions", () => {
  const acknowledgements = fc.array(fc.nat({ max: 200 }), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(acknowledgements, (revisions) => {
      const acknowledged = new AcknowledgedRevisions();
      for (const [at, revision] of revisions.entries()) acknowledged.acknowledged(revision, at);
      const highest = Math.max(...revisions);
      assert.is(acknowledged.highest, highest);
      for (let below = 0; below < highest; below++) {
        const first = revisions.findIndex((revision) => revision > below);
        assert.is(acknowledged.firstAboveNs(below), first, `above ${below} of ${revisions}`);
      }
      assert.is(acknowledged.forgotten, 0);
    }),
  );
});

test("the list grows to its bound, then drops the oldest entries and reports up to which revision", () => {
  const size = 4_096;
  const acknowledged = new AcknowledgedRevisions(size);
  for (let revision = 1; revision <= size; revision++) {
    acknowledged.acknowledged(revision, revision * 10);
  }
  assert.is(acknowledged.forgotten, 0);
  assert.is(acknowledged.firstAboveNs(0), 10);
  acknowledged.acknowledged(size + 1, 0.5);
  acknowledged.acknowledged(size + 2, 0.6);
  assert.is(acknowledged.forgotten, 2);
  assert.is(acknowledged.firstAboveNs(2), 30);
  assert.is(acknowledged.firstAboveNs(0), 30);
  assert.is(acknowledged.firstAboveNs(size), 0.5);
});

test("a put that is not above what was acknowledged before it was sent begins a new history", () => {
  const acknowledged = new AcknowledgedRevisions();
  acknowledged.acknowledged(600, 10);
  const before = acknowledged.history;
  // Sent together with the put of revision 600.
  acknowledged.acknowledged(599, 20, 500, before);
  assert.is(acknowledged.history, before);
  acknowledged.acknowledged(3, 30, 600, before);
  assert.is(acknowledged.history, before + 1);
  assert.is(acknowledged.highest, 3);
  assert.is(acknowledged.firstAboveNs(2), 30);
  // Sent before the history was known to be new.
  acknowledged.acknowledged(601, 40, 600, before);
  assert.is(acknowledged.highest, 3);
});

test.run();
