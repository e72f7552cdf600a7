/** Tests the runner of these tests with files that pass, fail, crash, hang or have no test. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { until } from "../harness/conditions.ts";
import { patient } from "../harness/patience.ts";
import { runInOwnResident } from "../harness/resident-bench.ts";
import { serveResidents } from "../harness/resident-server.ts";
import { readSummary, runTestProcess, type TestOutcome } from "../harness/test-process.ts";

const UVU = pathToFileURL(createRequire(import.meta.url).resolve("uvu")).href;
const UNIT_PROCESS = fileURLToPath(new URL("../harness/unit-test-process.js", import.meta.url));
/** Time limit; no test comes near it. */
const LIMIT_MS = patient(60_000);
/** Long enough to start two processes. */
const HANG_LIMIT_MS = patient(4_000);

const test = suite<{ folder: string }>("test process");

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "bench-test-process-"));
});

test.after.each(({ folder }) => {
  rmSync(folder, { recursive: true, force: true });
});

/** Writes a test file with this body, which can use uvu's `test`. */
function testFile(folder: string, name: string, body: string): string {
  const file = join(folder, `${name}.test.mjs`);
  writeFileSync(file, `import uvu from ${JSON.stringify(UVU)};\nconst { test } = uvu;\n${body}`);
  return file;
}

function run(folder: string, body: string, limitMs = LIMIT_MS): Promise<TestOutcome> {
  return runTestProcess({ name: "some", args: [testFile(folder, "some", body)], limitMs });
}

/** Runs unit test files with these names and bodies in a number of processes. */
function runUnitTests(
  folder: string,
  bodies: Record<string, string>,
  processes = 1,
): Promise<TestOutcome[]> {
  const taken = mkdtempSync(join(folder, "taken-"));
  const files = Object.entries(bodies).map(([name, body]) => testFile(folder, name, body));
  const args = [UNIT_PROCESS, taken, ...files];
  return Promise.all(
    Array.from({ length: processes }, () =>
      runTestProcess({ name: "unit", args, limitMs: LIMIT_MS, mayRunNone: true }),
    ),
  );
}

function counts({ passed, failed, skipped }: TestOutcome): number[] {
  return [passed, failed, skipped];
}

test("passed, failed and skipped tests are counted as uvu counts them", async ({ folder }) => {
  const outcome = await run(
    folder,
    `test("one", () => {}); test("two", () => {});
    test("three", () => { throw new Error("no luck"); });
    test.skip("four", () => {}); test.run();`,
  );
  assert.equal(counts(outcome), [2, 1, 1]);
  assert.is(outcome.fault, null);
  assert.match(outcome.output, /no luck/);
  if (existsSync("/proc/self/stat")) assert.ok(outcome.cpuSeconds! > 0, outcome.output);
});

test("tests after a failed hook count as failed, although uvu ends with 0", async ({ folder }) => {
  const before = `test.before(() => { throw new Error("no etcd"); });`;
  const outcome = await run(folder, `${before} test("one", () => {}); test.run();`);
  assert.equal(counts(outcome), [0, 1, 0]);
});

for (const [name, body, fault] of [
  ["crashes while it is loaded", "throw new Error('broken');", /exit code 1.*without a summary/],
  ["never runs its tests", "test('one', () => {});", /without a summary/],
  ["has no test", "test.run();", /ran no test/],
  ["ends early", "test('one', () => process.exit(0)); test.run();", /without a summary/],
  [
    "ends with an error after its tests",
    "test('one', () => {}); test.run(); process.on('exit', () => process.exit(3));",
    /ended with exit code 3/,
  ],
] as const) {
  test(`a file that ${name} has failed`, async ({ folder }) => {
    const outcome = await run(folder, body);
    assert.is(outcome.failed, 1);
    assert.match(outcome.fault!, fault);
  });
}

const PASSES = "test('passes', () => {}); test.run();";

for (const [name, body, said] of [
  [
    "has a failing hook before all tests",
    `test.before(() => { throw new Error("no etcd"); }); ${PASSES}`,
    /1 tests did not run: a hook threw/,
  ],
  [
    "has a failing hook after all tests",
    `test.after(() => { throw new Error("no end"); }); ${PASSES}`,
    /it broke off: Error: no end/,
  ],
  ["has a test that fails", "test('x', () => { throw new Error('no'); }); test.run();", /FAIL "x"/],
  ["has no test", "test.run();", /it ran no test/],
  ["forgets to run its tests", "test('x', () => {});", /it ran no test: is test.run\(\) missing/],
  ["cannot be loaded", "throw new Error('no such module');", /it broke off: Error: no such module/],
] as const) {
  test(`a unit test file that ${name} has failed, and the files after it run`, async ({
    folder,
  }) => {
    const bodies = { first: PASSES, second: body, third: PASSES };
    const [outcome] = await runUnitTests(folder, bodies);
    assert.is(outcome!.failed, 1, outcome!.output);
    assert.ok(outcome!.passed >= 2);
    assert.match(outcome!.output.replace(/\s+/g, " "), said);
    assert.match(outcome!.output, /third\.test\.mjs\n•/);
  });
}

test("several processes run each unit test file once", async ({ folder }) => {
  const bodies = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`file${at}`, PASSES]));
  const outcomes = await runUnitTests(folder, bodies, 2);
  const text = outcomes.map(({ output }) => output).join("");
  assert.is(outcomes[0]!.passed + outcomes[1]!.passed, 40, text);
  for (const name of Object.keys(bodies)) assert.is(text.split(`/${name}.test.mjs\n`).length, 2);
});

test("a process to which the others left no file has not failed", async ({ folder }) => {
  const outcomes = await runUnitTests(folder, { only: PASSES }, 2);
  assert.equal(outcomes.map(counts).sort(), [
    [0, 0, 0],
    [1, 0, 0],
  ]);
});

test("a file that hangs is killed with all its processes, and has failed", async ({ folder }) => {
  const outcome = await run(
    folder,
    `import { spawn } from "node:child_process";
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    process.stdout.write("child " + child.pid + "\\n");
    process.on("SIGTERM", () => process.stdout.write("told to end\\n", () => process.exit(1)));
    test("one", () => new Promise(() => setInterval(() => {}, 1000))); test.run();`,
    HANG_LIMIT_MS,
  );
  assert.equal(counts(outcome), [0, 1, 0]);
  assert.ok(outcome.fault!.includes(`did not end within ${HANG_LIMIT_MS / 1_000} s`));
  const pid = Number(/child (\d+)/.exec(outcome.output)?.[1]);
  assert.ok(pid > 0, outcome.output);
  await until("its child is gone", () => !isAlive(pid));
});

test("the last of several summaries counts, and text without one has none", () => {
  const summary = (passed: number) => `\n  Total:     5\n  Passed:    ${passed}\n  Skipped:   2\n`;
  assert.equal(readSummary(summary(1) + summary(4)), { passed: 4, failed: 1, skipped: 2 });
  assert.is(readSummary("all is well"), null);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

test("a command is ended when the test that waits for it is gone", async ({ folder }) => {
  const ends: Promise<Error | null>[] = [];
  const socketPath = join(folder, "socket");
  const server = await serveResidents(socketPath, (request, abandoned) => {
    const end = runInOwnResident(request, abandoned);
    ends.push(
      end.then(
        () => null,
        (error: Error) => error,
      ),
    );
    return end;
  });
  // Without this, the command never ends.
  const args = ["proxy", "--from=127.0.0.1:0", "--to=127.0.0.1:1"];
  const socket = connect(socketPath);
  const request = { args, cwd: folder, env: process.env, limitMs: LIMIT_MS };
  socket.write(`${JSON.stringify(request)}\n`);
  await until("the command was begun", () => ends.length === 1);
  socket.destroy();
  assert.match((await ends[0])?.message ?? "", /^bench proxy .* is wanted by nobody/);
  await server.close();
});

test.run();
