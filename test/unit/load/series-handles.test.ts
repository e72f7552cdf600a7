/** Handles of series: one declaration gives their numbers and the list of their names. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seriesHandles } from "../../../src/load/series-handles.ts";

const { numbers, names } = seriesHandles("whole", "page", "part");

test("each handle's number is the index of its name in the list", () => {
  const list = names({ part: "c", whole: "a", page: "b" });
  assert.equal([list[numbers.whole], list[numbers.page], list[numbers.part]], ["a", "b", "c"]);
});

test("a plan may omit the last series, but not one before others", () => {
  assert.equal(names({ whole: "a", page: null, part: null }), ["a"]);
  assert.throws(() => names({ whole: "a", page: null, part: "c" }), /absent before others/);
});

test.run();
