/** Runs programs of this machine: how they end, and which part of their output is kept. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type ProgramOptions, runProgram } from "../../../src/machine/run-program.ts";

const ENDLESS = "setInterval(() => {}, 1000)";

function runNode(script: string, options?: ProgramOptions) {
  return runProgram(process.execPath, ["-e", script], options);
}

test("of a program that prints very much, the end of its output is kept", async () => {
  const script = "process.stdout.write('x'.repeat(3e6) + 'end'); process.stderr.write('why')";
  const whole = await runNode(script);
  assert.equal([whole.code, whole.stdout.length, whole.stderr], [0, 3e6 + 3, "why"]);
  const { stdout, stderr } = await runNode(script, { keptCharacters: 1_000 });
  assert.ok(stdout.endsWith("end") && stdout.length <= 2_000, `${stdout.length} characters`);
  assert.is(stderr, "why");
});

test("a program gets its input and environment, and its exit code is returned", async () => {
  const script = "console.log(fs.readFileSync(0, 'utf8'), process.env.SEEN); process.exit(3)";
  const end = await runNode(script, { input: "given", env: { SEEN: "yes" } });
  assert.equal(end, {
    code: 3,
    stdout: "given yes\n",
    stderr: "",
    problem: null,
    startError: null,
  });
});

test("a missing program has the system's error", async () => {
  const { code, problem, startError } = await runProgram("/no/program", []);
  assert.equal([code, problem, startError?.code], [null, "ENOENT", "ENOENT"]);
  const odd = await runProgram("a\0b", []);
  assert.equal([odd.code, odd.problem], [null, "ERR_INVALID_ARG_VALUE"]);
});

test("a program that does not end is killed after its timeout", async () => {
  const { code, problem, startError } = await runNode(ENDLESS, { timeoutMs: 200 });
  assert.equal([code, problem, startError], [null, "no end within 0.2 s", null]);
});

test("a program is killed when its signal is aborted, before or while it runs", async () => {
  const { code, problem } = await runNode(ENDLESS, { signal: AbortSignal.abort() });
  assert.equal([code, problem], [null, "ended by SIGKILL"]);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 200);
  const later = await runNode(ENDLESS, { signal: controller.signal });
  assert.is(later.problem, "ended by SIGKILL");
});

test("a killed program is over even if a program that it started keeps the output open", async () => {
  const script = "sleep 60 & echo $!; wait";
  const { code, stdout } = await runProgram("sh", ["-c", script], { timeoutMs: 3_000 });
  assert.is(code, null);
  assert.match(stdout, /^\d+\n$/);
  process.kill(Number(stdout), "SIGKILL");
});

test.run();
