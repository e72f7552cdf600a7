/** Tests that no flag takes a text that lost octets on its way to bench. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LABEL, SAVE } from "../../../src/flags/output.ts";
import { TARGET_FLAGS } from "../../../src/flags/target.ts";
import { refuses } from "../../harness/refusal.ts";

test("a text whose octets are no UTF-8 is refused by the name of its flag, and is not shown", () => {
  // What Node makes of the argument --save=$'d\xff'.
  for (const read of [
    () => SAVE.read({ save: "d\ufffd" }),
    () => LABEL.read({ label: ["a=\ufffd"] }),
    () => TARGET_FLAGS.user.read({ user: "root:d\ufffd" }),
  ]) {
    refuses(read, "the value holds octets that are no UTF-8");
    assert.throws(read, (error: Error) => !error.message.includes("\ufffd"));
  }
});

test("other texts are taken as they are", () => {
  assert.is(SAVE.read({ save: "größe 🚀" }), "größe 🚀");
});

test.run();
