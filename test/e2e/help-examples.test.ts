/**
 * Runs every example that help prints, through a shell, as a person would who copies it: those
 * with `--local` start their own etcd, the others go to the one that `$ETCDCTL_ENDPOINTS` names.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { type LocalCluster, startLocalCluster } from "../../src/target/local-cluster.ts";
import { etcdForTests } from "../real-etcd.ts";

const MAIN = fileURLToPath(new URL("../../src/main.js", import.meta.url));
/** Most of a line's time is waited: for an etcd to start, for a schedule. */
const AT_A_TIME = 4;
/** Only a hang reaches it. */
const LIMIT_MS = 240_000;
/** It takes a minute, and has a test of its own that runs its line. */
const RUN_ELSEWHERE = ["quickstart"];

interface End {
  code: number | null;
  output: string;
}

let folder: string;
let cluster: LocalCluster;
let env: NodeJS.ProcessEnv;
/** As help prints them, by command; and how each ends. */
const printed = new Map<string, string[]>();
const ends = new Map<string, Promise<End>>();

test.before(async () => {
  const etcd = await etcdForTests();
  folder = await mkdtemp(path.join(os.tmpdir(), "bench-examples-"));
  cluster = await startLocalCluster({ binary: etcd, members: 1 });
  const program = path.join(folder, "bench");
  await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`, {
    mode: 0o755,
  });
  env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    ETCD_BIN: etcd.path,
    ETCDCTL_ENDPOINTS: cluster.endpoints.join(","),
  };
  // What `report` and the like are shown with.
  await mkdir(path.join(folder, "results"));
  const saved = await shell("bench put --total=1000 --quiet -o json=results/run.json");
  assert.is(saved.code, 0, saved.output);
  for (const { name } of COMMANDS) printed.set(name, await examplesIn(`bench ${name} --help`));
  startAll();
});

test.after(async () => {
  await Promise.allSettled(ends.values());
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

function shell(line: string): Promise<End> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", line], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const limit = setTimeout(() => {
      child.kill("SIGTERM");
      reject(new Error(`${line} hangs; it said: ${output}`));
    }, LIMIT_MS);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(limit);
      resolve({ code, output });
    });
  });
}

/** Tests wait for their lines one after the other; the lines themselves need not. */
function startAll(): void {
  const waiting = [...printed].flatMap(([name, lines]) =>
    RUN_ELSEWHERE.includes(name) ? [] : lines,
  );
  const lanes = Array.from({ length: AT_A_TIME }, () => Promise.resolve());
  for (const [index, line] of waiting.entries()) {
    const lane = index % AT_A_TIME;
    const end = lanes[lane]!.then(() => shell(line));
    ends.set(line, end);
    lanes[lane] = end.then(
      () => {},
      () => {},
    );
  }
}

/** The command lines that help shows, as they are printed: a long one goes on behind a backslash. */
async function examplesIn(help: string): Promise<string[]> {
  const { code, output } = await shell(help);
  assert.is(code, 0, output);
  const [, examples] = output.split("Examples:\n");
  assert.ok(examples !== undefined, output);
  return [...examples.matchAll(/^ {2}(bench (?:.*\\\n)*.*)$/gm)].map(([, line]) => line!);
}

/** What a shell reads from a printed line. */
function joined(line: string): string {
  return line.replaceAll(/ \\\n +/g, " ");
}

test("help shows the first example of each command", async () => {
  const shown = COMMANDS.map(({ examples }) => `bench ${examples[0]![0]}`);
  assert.equal((await examplesIn("bench --help")).map(joined), shown);
});

for (const { name, examples } of COMMANDS) {
  test(`the examples of bench ${name} --help run as printed`, async () => {
    const lines = printed.get(name)!;
    assert.equal(
      lines.map(joined),
      examples.map(([args]) => `bench ${args}`),
    );
    if (RUN_ELSEWHERE.includes(name)) return;
    for (const line of lines) {
      const { code, output } = await ends.get(line)!;
      assert.is(code, 0, `${line}\n${output}`);
    }
  });
}

test.run();
