/** The names that the labels of a run have in metrics. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { metricLabels } from "../../../src/text/metric-labels.ts";

test("labels whose names become the same are all kept, and a name that is right stays", () => {
  assert.equal(metricLabels({ "a b": "1", "a-b": "2", a_b: "3", "a.b": "4" }), {
    label_a_b: "3",
    label_a_b_2: "1",
    label_a_b_3: "2",
    label_a_b_4: "4",
  });
});

test("each label is there once, by a name that metrics may have, whatever the labels are", () => {
  const names = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom("a b", "a-b", "a_b", "a_b_2"),
  );
  fc.assert(
    fc.property(fc.dictionary(names, fc.string()), (labels) => {
      const named = metricLabels(labels);
      assert.equal(Object.values(named).sort(), Object.values(labels).sort());
      for (const name of Object.keys(named)) assert.match(name, /^label_\w+$/);
    }),
  );
});

test.run();
