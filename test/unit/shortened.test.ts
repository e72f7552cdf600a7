/** Texts of servers are cut between words. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { shortened } from "../../src/shortened.ts";

test("a short text stays as it is, and a long one ends with whole words", () => {
  assert.is(shortened("one two three", 13), "one two three");
  assert.is(shortened("one two three", 12), "one two...");
  assert.is(shortened("one two three", 10), "one two...");
  assert.is(shortened("one two three", 9), "one...");
  assert.is(shortened("onetwothree", 9), "...");
});

test("no word is cut, and the length holds, whatever the text", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 30 })),
      fc.integer({ min: 3, max: 80 }),
      (texts, most) => {
        const text = texts.join(" ");
        const short = shortened(text, most);
        assert.ok(short.length <= most);
        if (short === text) return;
        const kept = short.slice(0, -3);
        assert.ok(text.startsWith(kept));
        assert.ok(kept === "" || /^\s/.test(text.slice(kept.length)), JSON.stringify(short));
      },
    ),
  );
});

test.run();
