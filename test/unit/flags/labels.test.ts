/** Tests labels as they are given to runs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LABEL } from "../../../src/flags/output.ts";

test("a label has any name but the one that is lost where a result is read", () => {
  assert.equal(LABEL.read({ label: ["constructor=a=b", "commit=4f2"] }), [
    ["constructor", "a=b"],
    ["commit", "4f2"],
  ]);
  assert.throws(
    () => LABEL.read({ label: ["__proto__=x"] }),
    /^--label: __proto__ is a name that no result can keep; choose another name/,
  );
});

test.run();
