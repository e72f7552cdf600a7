/** Whether a stream gets colour. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { wantsColor } from "../../../../src/cli/output/color.ts";

test("a terminal gets colour and anything else does not", () => {
  assert.is(wantsColor({}, {}, true), true);
  assert.is(wantsColor({}, {}, false), false);
  assert.is(wantsColor({}, { TERM: "dumb" }, true), false);
});

test("NO_COLOR removes it from a terminal, unless it is empty", () => {
  assert.is(wantsColor({}, { NO_COLOR: "1" }, true), false);
  assert.is(wantsColor({}, { NO_COLOR: "" }, true), true);
});

test("FORCE_COLOR adds it to a pipe, and wins over NO_COLOR", () => {
  assert.is(wantsColor({}, { FORCE_COLOR: "1" }, false), true);
  assert.is(wantsColor({}, { FORCE_COLOR: "1", NO_COLOR: "1" }, false), true);
  assert.is(wantsColor({}, { FORCE_COLOR: "0" }, true), false);
});

test("--no-color wins over all, and --no-color=false has no effect", () => {
  assert.is(wantsColor({ noColor: true }, { FORCE_COLOR: "1" }, true), false);
  assert.is(wantsColor({ noColor: false }, {}, true), true);
});

test.run();
