/** What runs on a host, where its disk is full once the agent has been started. */
import childProcess, { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import fs, { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type HostAnswer, runOnHost } from "../../../../src/placement/ssh/on-host.ts";

test("an agent whose process cannot be written down is ended, and its folder is removed", async () => {
  const parent = mkdtempSync(join(tmpdir(), "bench-on-host-"));
  const folder = join(parent, "agent");
  const program = "setInterval(() => {}, 1000);";
  const task = { action: "start", folder, args: [], programBytes: program.length, joinBytes: 2 };
  const children: ChildProcess[] = [];
  const fake = {
    fs: {
      ...fs,
      readFileSync: (file: number | string, encoding?: BufferEncoding) =>
        file === 0
          ? Buffer.from(`${JSON.stringify(task)}\n${program}{}`)
          : fs.readFileSync(file, encoding),
      writeFileSync(file: string, data: string, options?: object) {
        if (!file.endsWith("agent.json")) return fs.writeFileSync(file, data, options);
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      },
    },
    child_process: {
      spawn(...args: Parameters<typeof childProcess.spawn>) {
        const child = childProcess.spawn(...args);
        children.push(child);
        return child;
      },
    },
  };
  const answers: HostAnswer[] = [];
  try {
    const load = ((name: keyof typeof fake) => fake[name]) as NodeJS.Require;
    runOnHost(load, process, (answer) => answers.push(answer));
    const [child] = children;
    const [, signal] = await once(child!, "exit");
    assert.is(signal, "SIGKILL");
    assert.equal(answers, [{ fault: "no space left on device", code: "ENOSPC" }]);
    assert.not(existsSync(folder));
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(parent, { recursive: true });
  }
});

test.run();
