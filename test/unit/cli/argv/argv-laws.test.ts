/** Rules that hold for the command lines of all commands, and for generated values and keys. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readArgv } from "../../../../src/cli/argv/argv.ts";
import { flagValues } from "../../../../src/cli/argv/flag-values.ts";
import type { Command } from "../../../../src/cli/command.ts";
import { COMMANDS } from "../../../../src/cli/commands.ts";
import { shellWords } from "../../../../src/shell-words.ts";
import { cases } from "../../../harness/whole-run.ts";
import { putCommand, read, refuses } from "./read-lines.ts";

test("all commands agree on whether a flag has an optional value", () => {
  const [endpoints] = putCommand.flags;
  const flags = [{ ...endpoints!, kind: "optional" as const }];
  const other: Command = { ...putCommand, name: "other", flags };
  assert.throws(() => readArgv(["--nope", "put"], [putCommand, other]), /--endpoints/);
});

test("no two flags share a short letter", () => {
  const byLetter = new Map<string, string>();
  for (const { short, name } of COMMANDS.flatMap((each) => each.flags)) {
    if (short === undefined) continue;
    assert.is(byLetter.get(short) ?? name, name);
    byLetter.set(short, name);
  }
  assert.equal([...byLetter.keys()].sort(), ["c", "n", "o", "r", "w", "y", "z"]);
});

test("every example in the help is a valid command line", () => {
  for (const command of COMMANDS) {
    assert.ok(command.examples.length > 0);
    for (const [example] of command.examples) {
      const argv = shellWords("example", example);
      assert.is(read(...argv).command?.name, command.name, example);
    }
  }
});

test("every value and key reaches the command as it was written", () => {
  const awkward = fc.constantFrom(
    '"a"',
    "'b'",
    "",
    "-x",
    "--",
    "true",
    "1e3",
    "a,b",
    "a\nb",
    "a=b",
    '"',
  );
  const text = fc.oneof(fc.string(), awkward);
  fc.assert(
    fc.property(
      text,
      text,
      fc.array(text),
      fc.boolean(),
      fc.array(text, { maxLength: 2 }),
      (prefix, save, thresholds, strict, positionals) => {
        const command: Command = { ...putCommand, maxPositionals: 2 };
        const argv = ["put", `--prefix=${prefix}`, `--save=${save}`, `--strict=${strict}`];
        argv.push(...thresholds.map((each) => `--threshold=${each}`), "--", ...positionals);
        const line = readArgv(argv, [command]);
        const flags = flagValues({ ...line, command });
        assert.is(flags.prefix, prefix);
        assert.is(flags.save, save);
        assert.is(flags.strict, strict);
        assert.equal(flags.threshold ?? [], thresholds);
        assert.equal(line.positionals, positionals);
        assert.is(flags.total, undefined);
      },
    ),
    { numRuns: cases(100) },
  );
});

test("for a flag of another load generator the error names bench's own flag", () => {
  for (const [words, meant] of [
    [["--connections=5"], "--conns"],
    [["--vus=3"], "--clients"],
    [["--json"], "--output=json"],
    [["--qps=9"], "--rate"],
    [["-d", "5s"], "--duration"],
    [["-q", "5"], "--rate"],
  ] as const) {
    refuses(["put", ...words], `; bench has ${meant}`);
  }
});

test.run();
