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
/** Under way, by their line. */
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
  const waiting = COMMANDS.filter(({ name }) => !RUN_ELSEWHERE.includes(name))
    .flatMap(({ examples }) => examples)
    .map(([args]) => {
      let start = () => {};
      const started = new Promise<void>((resolve) => {
        start = resolve;
      });
      const line = `bench ${args}`;
      ends.set(
        line,
        started.then(() => shell(line)),
      );
      return { line, start };
    });
  const workNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      next.start();
      await Promise.allSettled([ends.get(next.line)]);
    }
  };
  for (let lane = 0; lane < AT_A_TIME; lane++) void workNext();
}

/** The lines that help shows under its title, whole. */
async function examplesIn(help: string): Promise<string[]> {
  const { code, output } = await shell(help);
  assert.is(code, 0, output);
  const [, examples] = output.split("Examples:\n");
  assert.ok(examples !== undefined, output);
  return [...examples.matchAll(/^ {2}(bench .*)$/gm)].map(([, line]) => line!);
}

test("help shows the first example of each command", async () => {
  const shown = COMMANDS.map(({ examples }) => `bench ${examples[0]![0]}`);
  assert.equal(await examplesIn("bench --help"), shown);
});

for (const { name, examples } of COMMANDS) {
  test(`the examples of bench ${name} --help run as printed`, async () => {
    const printed = await examplesIn(`bench ${name} --help`);
    assert.equal(
      printed,
      examples.map(([args]) => `bench ${args}`),
    );
    if (RUN_ELSEWHERE.includes(name)) return;
    for (const line of printed) {
      const { code, output } = await ends.get(line)!;
      assert.is(code, 0, `${line}\n${output}`);
    }
  });
}

test.run();
