/** Tests reading JSON documents from files. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseJson } from "../../../src/result/document.ts";

test("a byte order mark before the JSON is skipped", () => {
  assert.equal(parseJson('\uFEFF{"a":1}', "run.json"), { a: 1 });
  assert.throws(() => parseJson("\uFEFFa", "run.json"), /^run\.json is not JSON/);
});

test.run();
