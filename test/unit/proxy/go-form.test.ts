import { test } from "uvu";
import * as assert from "uvu/assert";
import { goQuoted, parseGoForm } from "../../../src/proxy/go-form.ts";

test("a form is read as Go reads it", () => {
  const form = parseGoForm("latency=5s&random-variable=100ms&a=1&a=2&&empty=&bare&s=a+b%2Bc%C2%B5");
  assert.equal(
    [...form],
    [
      ["latency", ["5s"]],
      ["random-variable", ["100ms"]],
      ["a", ["1", "2"]],
      ["empty", [""]],
      ["bare", [""]],
      ["s", ["a b+cµ"]],
    ],
  );
  assert.is(parseGoForm("").size, 0);
});

test("an invalid form is refused in Go's words", () => {
  const refused: [string, string][] = [
    ["a=%zz", 'invalid URL escape "%zz"'],
    ["a=%", 'invalid URL escape "%"'],
    ["a=%4", 'invalid URL escape "%4"'],
    ["%zzz=1", 'invalid URL escape "%zz"'],
    ["a=1;b=2", "invalid semicolon separator in query"],
  ];
  for (const [body, message] of refused) {
    assert.throws(
      () => parseGoForm(body),
      (error: Error) => error.message === message,
      body,
    );
  }
});

test("text is quoted as %q quotes it", () => {
  assert.is(
    goQuoted('a "b" \\ \n\u0000\u001b µ \u200b\u{e0001}'),
    '"a \\"b\\" \\\\ \\n\\x00\\x1b µ \\u200b\\U000e0001"',
  );
});

test.run();
