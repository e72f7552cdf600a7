import { test } from "uvu";
import * as assert from "uvu/assert";
import { TerminalBlock } from "../../../../src/cli/output/terminal-block.ts";

function blockOn(columns: number) {
  const written: string[] = [];
  const stream = { columns, write: (text: string) => written.push(text) };
  return { block: new TerminalBlock(stream), stream, written };
}

test("new lines replace the lines drawn before, and are removed at the end", () => {
  const { block, written } = blockOn(80);
  block.draw(["one", "two", "three"]);
  block.draw(["four"]);
  block.clear();
  block.clear();
  assert.equal(written, ["\r\u001b[2Kone\ntwo\nthree", "\r\u001b[2A\u001b[Jfour", "\r\u001b[2K"]);
});

test("a terminal that knows no size has the usual one", () => {
  const { block, written } = blockOn(0);
  block.draw(["one", "two"]);
  block.draw(["three"]);
  assert.is(written.at(-1), "\r\u001b[1A\u001b[Jthree");
});

test("a permanent line is written above the drawn lines", () => {
  const { block, written } = blockOn(80);
  block.above("first");
  block.draw(["one", "two"]);
  block.above("note");
  assert.equal(written, ["first\n", "\r\u001b[2Kone\ntwo", "\r\u001b[1A\u001b[Jnote\none\ntwo"]);
});

test("lines that wrapped because the terminal became narrower are cleared, too", () => {
  const { block, stream, written } = blockOn(80);
  block.draw(["x".repeat(79), "", "y".repeat(40)]);
  stream.columns = 40;
  block.draw(["z"]);
  // The lines take two rows, one, and one.
  assert.is(written[1], "\r\u001b[3A\u001b[Jz");
});

test.run();
