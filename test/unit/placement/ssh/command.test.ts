/** The command that ssh runs on a host: in real shells, with names that are hostile to them. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { commandOnHost, sshArguments } from "../../../../src/placement/ssh/command.ts";
import { MARKER } from "../../../../src/placement/ssh/on-host.ts";
import { until } from "../../../harness/conditions.ts";

const folder = mkdtempSync(join(tmpdir(), 'bench ssh\'s "command"-$(touch x)-'));

test.after(() => rmSync(folder, { recursive: true }));

/** The answer of a host whose login shell is sh. */
function answerOf(command: string, task: object, payload = ""): Record<string, unknown> {
  const input = `${JSON.stringify(task)}\n${payload}`;
  // Without Node the input is not read: that is EPIPE, and the answer is complete.
  const { stdout } = spawnSync("sh", ["-c", command], { input, encoding: "utf8" });
  const line = stdout.split("\n").find((each) => each.startsWith(MARKER))!;
  return JSON.parse(line.slice(MARKER.length)) as Record<string, unknown>;
}

function program(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

test("the path of Node may have blanks, quotes and characters that a shell would expand", () => {
  const node = program("node; exit 9", `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
  const task = { action: "look", folder: join(folder, "none") };
  assert.equal(answerOf(commandOnHost(node), task), { fault: null, state: "ended", logEnd: "" });
});

test("a host without Node, or with a Node that is too old, reports that", () => {
  const task = { action: "look", folder };
  assert.equal(answerOf(commandOnHost(join(folder, "no node")), task), { fault: "no-node" });
  const old = program(
    "old",
    `#!/bin/sh\nshift\nexec '${process.execPath}' -e "Object.defineProperty(process.versions, 'node', { value: '18.19.0' });\n$@"\n`,
  );
  assert.equal(answerOf(commandOnHost(old), task), { fault: "old-node", version: "18.19.0" });
});

test("an agent is started from standard input, found running, and ended with its folder", async () => {
  const at = join(folder, "agent's folder");
  const command = commandOnHost(process.execPath);
  const source = "console.log(process.argv.slice(2).join(' ')); setInterval(() => {}, 1000);";
  const start = {
    ...{ action: "start", folder: at, args: ["agent", "--name=it's $HOME"] },
    ...{ programBytes: source.length, joinBytes: 2 },
  };
  assert.match(answerOf(command, start, `${source}{`).fault as string, /not all of it has come/);
  assert.equal(answerOf(command, start, `${source}{}`), { fault: null });
  assert.is(answerOf(command, start, `${source}{}`).code, "EEXIST");
  const look = { action: "look", folder: at };
  const seen = await until("the agent has written to its log", () => {
    const answer = answerOf(command, look);
    return answer.logEnd !== "" && answer;
  });
  assert.equal(seen, { fault: null, state: "running", logEnd: "agent --name=it's $HOME\n" });
  const end = { action: "end", folder: at };
  assert.equal(answerOf(command, end), { fault: null });
  assert.equal(answerOf(command, look), { fault: null, state: "ended", logEnd: "" });
  assert.equal(answerOf(command, end), { fault: null });
});

test("user options come before bench's defaults, and only the command follows the host", () => {
  const plan = { options: ["ProxyJump=gate", "ConnectTimeout=1"], configFile: "my config" };
  const args = sshArguments({ destination: "me@host", port: 2222 }, plan, "true");
  assert.equal(args.slice(0, 9), [
    ...["-F", "my config", "-T", "-o", "BatchMode=yes"],
    ...["-o", "ProxyJump=gate", "-o", "ConnectTimeout=1"],
  ]);
  assert.ok(args.indexOf("ConnectTimeout=1") < args.indexOf("ConnectTimeout=10"));
  assert.equal(args.slice(-5), ["-p", "2222", "--", "me@host", "true"]);
});

test.run();
