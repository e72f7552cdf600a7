/** An example in the help is one command to a shell, at any width. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exampleLines } from "../../../../src/cli/argv/example-lines.ts";
import { cases } from "../../../harness/whole-run.ts";

test("an example that fits is on one line, with its description below", () => {
  assert.is(
    exampleLines([["put --local", "Writes."]], 80),
    "Examples:\n  bench put --local\n      Writes.",
  );
});

test("a longer example continues after a backslash, between its arguments", () => {
  const lines = exampleLines([["put --a='1 2 3' --b=4 --c=5", "Writes."]], 24).split("\n");
  assert.equal(lines, [
    "Examples:",
    "  bench put \\",
    "      --a='1 2 3' \\",
    "      --b=4 --c=5",
    "      Writes.",
  ]);
});

test("a shell reads the same arguments at any width, and lines keep to the width where they can", () => {
  const argument = fc.constantFrom(
    "--local",
    "--mix=put=20,get=80",
    "--threshold='p99<1s'",
    `"a b"`,
    "x",
  );
  const many = fc.array(argument, { minLength: 1, maxLength: 12 });
  const read = (command: string) =>
    execFileSync("sh", ["-c", `bench() { printf '%s\\n' "$@"; }\n${command}`], {
      encoding: "utf8",
    });
  fc.assert(
    fc.property(many, fc.integer({ min: 30, max: 100 }), (args, columns) => {
      const text = exampleLines([[args.join(" "), "what"]], columns);
      const printed = text.split("\n").slice(1, -1);
      for (const line of printed) assert.ok(line.length <= columns, line);
      assert.is(read(printed.join("\n")), read(`bench ${args.join(" ")}`));
    }),
    { seed: 7, numRuns: cases(12, 40) },
  );
});

test.run();
