/** A command line that may have a password is hidden from the list of processes. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { hideCommandLine } from "../../../../src/cli/argv/hide-command-line.ts";

function isHidden(...argv: string[]): boolean {
  process.title = "shown";
  hideCommandLine(argv);
  return process.title === "bench";
}

test("a user's flag is hidden in every spelling, also among the flags of one arm of ab", () => {
  assert.ok(isHidden("put", "--user=root:secret"));
  assert.ok(isHidden("put", "--user", "root:secret"));
  assert.ok(isHidden("ab", "put", "--b-flags=--user=root:secret"));
  assert.ok(isHidden("ab", "put", "--b-flags", "--conns=2 --user root:secret"));
  assert.ok(isHidden("ab", "put", "--b-flags='--user=root:secret'"));
  assert.not.ok(isHidden("put", "--prefix=user", "--conns=2"));
});

test.run();
