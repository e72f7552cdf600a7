/** The program that runs on a host, with a full disk or an agent that ends at once. */
import childProcess, { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type HostAnswer,
  type HostTask,
  runOnHost,
} from "../../../../src/placement/ssh/on-host.ts";

const PROGRAM = "setInterval(() => {}, 1000);";
const JOIN = "{}";

const test = suite<{ parent: string }>("what runs on a host");

test.before.each((context) => {
  context.parent = mkdtempSync(join(tmpdir(), "bench-on-host-"));
});
test.after.each(({ parent }) => rmSync(parent, { recursive: true }));

/** The answer that it prints at once. @param replaced functions of Node's modules */
function answerOf(task: HostTask, replaced: Replaced = {}): HostAnswer | undefined {
  const answers: HostAnswer[] = [];
  runOnHost(loadFor(task, replaced), process, (answer) => answers.push(answer));
  return answers[0];
}

interface Replaced {
  fs?: Partial<typeof fs>;
  child_process?: Partial<typeof childProcess>;
}

/** Node's `require` on a host that gets the task. */
function loadFor(task: HostTask, replaced: Replaced = {}): NodeJS.Require {
  const readFileSync = (file: number | string, encoding?: BufferEncoding) =>
    file === 0
      ? Buffer.from(`${JSON.stringify(task)}\n${PROGRAM}${JOIN}`)
      : fs.readFileSync(file, encoding);
  const modules = {
    fs: { ...fs, readFileSync, ...replaced.fs },
    child_process: { ...childProcess, ...replaced.child_process },
  };
  return ((name: keyof typeof modules) => modules[name]) as NodeJS.Require;
}

function startIn(folder: string): HostTask {
  const sizes = { programBytes: PROGRAM.length, joinBytes: JOIN.length };
  return { action: "start", folder, args: [], ...sizes };
}

test("an agent whose process id cannot be saved is ended, and its folder is removed", async ({
  parent,
}) => {
  const folder = join(parent, "agent");
  const children: ChildProcess[] = [];
  const spawn = ((...args: Parameters<typeof childProcess.spawn>) => {
    children.push(childProcess.spawn(...args));
    return children[0];
  }) as typeof childProcess.spawn;
  const writeFileSync = ((file: string, data: string, options?: object) => {
    if (!file.endsWith("agent.json")) return fs.writeFileSync(file, data, options);
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
  }) as typeof fs.writeFileSync;
  try {
    const answer = answerOf(startIn(folder), { fs: { writeFileSync }, child_process: { spawn } });
    const [, signal] = await once(children[0]!, "exit");
    assert.is(signal, "SIGKILL");
    assert.equal(answer, { fault: "no space left on device", code: "ENOSPC" });
    assert.not(existsSync(folder));
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
});

test("an agent that ended before its process id was saved is not reported as running", ({
  parent,
}) => {
  const folder = join(parent, "agent");
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  const spawn = (() => ({ pid, unref() {} })) as unknown as typeof childProcess.spawn;
  assert.equal(answerOf(startIn(folder), { child_process: { spawn } }), { fault: null });
  const looked = answerOf({ action: "look", folder });
  assert.equal(looked, { fault: null, state: "ended", logEnd: "" });
  assert.equal(answerOf({ action: "end", folder }), { fault: null });
  assert.not(existsSync(folder));
});

test("a log is shown by its last 4 KiB", ({ parent }) => {
  const folder = join(parent, "agent");
  mkdirSync(folder);
  writeFileSync(join(folder, "agent.log"), `${"x".repeat(100_000)}end`);
  const { logEnd } = answerOf({ action: "look", folder })!;
  assert.is(logEnd, `${"x".repeat(4_093)}end`);
});

test("an agent that no signal ends is given up after some time, and its folder stays", async ({
  parent,
}) => {
  const folder = join(parent, "agent");
  answerOf(startIn(folder));
  const { pid } = JSON.parse(readFileSync(join(folder, "agent.json"), "utf8"));
  const realNow = performance.now;
  const signals: string[] = [];
  try {
    // Each reading of the clock is 10 s later.
    let nowMs = 0;
    performance.now = () => (nowMs += 10_000);
    const answer = await new Promise<HostAnswer>((resolve) => {
      const kill = (_: number, signal: string) => signals.push(signal) > 0;
      runOnHost(loadFor({ action: "end", folder }), { ...process, kill } as never, resolve);
    });
    assert.match(answer.fault!, new RegExp(`^process ${pid} does not end, not even by SIGKILL$`));
    assert.equal([signals[0], signals.at(-1)], ["SIGTERM", "SIGKILL"]);
    assert.ok(existsSync(folder));
  } finally {
    performance.now = realNow;
    process.kill(pid, "SIGKILL");
  }
});

test.run();
