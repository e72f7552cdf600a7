/** What runs on a host, where the disk is full or the agent ends at once. */
import childProcess, { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs, { existsSync, mkdtempSync, rmSync } from "node:fs";
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

/** What it prints at once. @param replaced functions of Node's modules */
function answerOf(
  task: HostTask,
  replaced: { fs?: Partial<typeof fs>; child_process?: Partial<typeof childProcess> } = {},
): HostAnswer | undefined {
  const readFileSync = (file: number | string, encoding?: BufferEncoding) =>
    file === 0
      ? Buffer.from(`${JSON.stringify(task)}\n${PROGRAM}${JOIN}`)
      : fs.readFileSync(file, encoding);
  const modules = {
    fs: { ...fs, readFileSync, ...replaced.fs },
    child_process: { ...childProcess, ...replaced.child_process },
  };
  const load = ((name: keyof typeof modules) => modules[name]) as NodeJS.Require;
  const answers: HostAnswer[] = [];
  runOnHost(load, process, (answer) => answers.push(answer));
  return answers[0];
}

function startIn(folder: string): HostTask {
  const sizes = { programBytes: PROGRAM.length, joinBytes: JOIN.length };
  return { action: "start", folder, args: [], ...sizes };
}

test("an agent whose process cannot be written down is ended, and its folder is removed", async ({
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

test("an agent that has ended before its process was written down is no running one", ({
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

test.run();
