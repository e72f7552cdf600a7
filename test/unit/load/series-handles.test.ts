/** Handles of series: one declaration gives their numbers and the list of their names. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seriesHandles } from "../../../src/load/series-handles.ts";

const { numbers, names } = seriesHandles("whole", "page", "part");

test("each handle has the number of its name's place in the list", () => {
  const list = names({ part: "c", whole: "a", page: "b" });
  assert.equal([list[numbers.whole], list[numbers.page], list[numbers.part]], ["a", "b", "c"]);
});

test("a plan may lack the last series, and none before others", () => {
  assert.equal(names({ whole: "a", page: null, part: null }), ["a"]);
  assert.throws(() => names({ whole: "a", page: null, part: "c" }), /absent before others/);
});

test.run();
