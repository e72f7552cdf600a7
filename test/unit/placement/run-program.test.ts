/** Programs of engines: how they end, and what is kept of what they print. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runProgram } from "../../../src/placement/run-program.ts";

const never = new AbortController().signal;

function runNode(script: string, keptCharacters?: number) {
  return runProgram(process.execPath, ["-e", script], {
    signal: never,
    ...(keptCharacters !== undefined && { keptCharacters }),
  });
}

test("a program that prints without measure has the end of its output kept", async () => {
  const script = "process.stdout.write('x'.repeat(3e6) + 'end'); process.stderr.write('why')";
  const whole = await runNode(script);
  assert.equal([whole.code, whole.stdout.length, whole.stderr], [0, 3e6 + 3, "why"]);
  const { stdout, stderr } = await runNode(script, 1_000);
  assert.ok(stdout.endsWith("end") && stdout.length <= 2_000, `${stdout.length} characters`);
  assert.is(stderr, "why");
});

test("a program that is not there rejects with the system's error", async () => {
  const error = await runProgram("/no/program", [], { signal: never }).catch((each) => each);
  assert.is(error.code, "ENOENT");
});

test.run();
