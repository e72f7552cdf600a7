/** Handles pipes whose reader has closed them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tolerateClosedPipes } from "../../../../src/cli/output/standard-output.ts";

test("a process that runs many command lines listens for closed pipes once", () => {
  tolerateClosedPipes();
  const counts = () => [process.stdout, process.stderr].map((each) => each.listenerCount("error"));
  const once = counts();
  for (let at = 0; at < 20; at++) tolerateClosedPipes();
  assert.equal(counts(), once);
});

test.run();
