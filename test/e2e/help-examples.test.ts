/**
 * Runs the examples of the help in a shell, like a user who copies them: those with `--local` start
 * an etcd, and the others use the one in `$ETCDCTL_ENDPOINTS`.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { MEASURING_COMMANDS } from "../../src/cli/measure/measuring-commands.ts";
import { EXIT } from "../../src/errors.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { RunResult } from "../../src/result/schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { bench } from "../harness/bench-process.ts";
import { type BenchProgram, placeBenchProgram } from "../harness/bench-program.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";
import { runInShell, type ShellEnd } from "../harness/shell.ts";
import { isWholeRun } from "../harness/whole-run.ts";

/** Lines mostly wait, for the start of an etcd or for a schedule. */
const AT_A_TIME = 2;
/** Time limit; only a hang reaches it. */
const LIMIT_MS = patient(240_000);
/** Commands whose lines take a minute, or need a previous line; they have tests of their own. */
const RUN_ELSEWHERE = [
  "quickstart",
  "cluster",
  "proxy",
  "agent",
  "agents",
  "memory",
  "doctor",
  "monitor",
];
const LOADING = new Set([
  ...MEASURING_COMMANDS.map(({ name }) => name),
  ...["ab", "run", "calibrate", "failover"],
]);

let folder: string;
let cluster: LocalCluster;
let program: BenchProgram;
let env: NodeJS.ProcessEnv;
/** Lines by command, as the help prints them; and the end of each line. */
const printed = new Map<string, string[]>();
const ends = new Map<string, Promise<ShellEnd>>();

before(test, async () => {
  try {
    await prepare();
  } catch (error) {
    // uvu fails the tests after a failed hook, and does not print why.
    console.error(error);
    throw error;
  }
});

async function prepare(): Promise<void> {
  const etcd = await etcdForTests();
  folder = await mkdtemp(path.join(os.tmpdir(), "bench-examples-"));
  cluster = await startLocalCluster({ binary: etcd, members: 1 });
  program = await placeBenchProgram(folder, LIMIT_MS);
  env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    ETCD_BIN: etcd.path,
    ETCDCTL_ENDPOINTS: cluster.endpoints.join(","),
  };
  // Data for the examples of `report` and similar commands.
  await mkdir(path.join(folder, "results"));
  const saved = await shell("bench put --total=1000 --quiet -o json=results/run.json");
  assert.is(saved.code, 0, saved.output);
  await keepWhatIsCompared();
  for (const { name } of COMMANDS) printed.set(name, await examplesIn([name, "--help=all"]));
  startAll();
}

test.after(async () => {
  await Promise.allSettled(ends.values());
  await cluster.down();
  await program.close();
  await rm(folder, { recursive: true, force: true });
});

/**
 * Makes two sides of alternating runs that do not differ, from one run; a comparison of two results as
 * a point of a trend; and a session of ab.
 */
async function keepWhatIsCompared(): Promise<void> {
  const run = JSON.parse(
    await readFile(path.join(folder, "results/run.json"), "utf8"),
  ) as RunResult;
  const firstMs = Date.parse(run.startedAt);
  const save = async (file: string, id: string, turn: number) => {
    const result = structuredClone(run);
    result.id = id;
    // On a loaded machine the client limits such a short run.
    result.verdict = { kind: "valid", reasons: [] };
    result.startedAt = new Date(firstMs + turn * 60_000).toISOString();
    // Enough requests for a verdict on p99.
    for (const { requests, serviceTime } of result.operations) {
      Object.assign(requests, { offered: 20_000, started: 20_000, succeeded: 20_000 });
      Object.assign(serviceTime, { count: 20_000, p99Ms: 10 + ((turn * 7) % 5) / 100 });
    }
    await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
    await writeFile(path.join(folder, file), JSON.stringify(result));
  };
  for (let pair = 0; pair < 12; pair++) {
    await save(`results/base/${pair}.json`, `base${pair}`, 2 * pair);
    await save(`results/head/${pair}.json`, `head${pair}`, 2 * pair + 1);
  }
  await save("before.json", "before", 0);
  await save("after.json", "after", 1);
  for (const line of [
    "mkdir nightly",
    "bench compare before.json after.json -o json=comparison.json",
    "cp comparison.json nightly/2026-08-01.json",
    "bench ab put --local --total=200 --pairs=2 --a-flags=--conns=1 --b-flags=--conns=2 --clients=2 --save=results/ab-conns",
  ]) {
    checkEnd(line, await shell(line));
  }
}

/** On a busy machine the client limits such short runs, and commands that compare them print this. */
function checkEnd(line: string, { code, output }: ShellEnd): void {
  const isClientLimited = code === EXIT.invalid && output.includes("limited by the client");
  assert.ok(code === EXIT.done || isClientLimited, `exit code ${code} of ${line}\n${output}`);
}

const shell = (line: string): Promise<ShellEnd> =>
  runInShell(line, { cwd: folder, env, limitMs: LIMIT_MS });

/** The daily run leaves out lines that load an etcd: such commands have tests of their own. */
function linesToRun(name: string): string[] {
  if (RUN_ELSEWHERE.includes(name) || (LOADING.has(name) && !isWholeRun())) return [];
  return printed.get(name)!;
}

/** Each test waits for its lines; the lines of all tests run in parallel. */
function startAll(): void {
  const waiting = COMMANDS.flatMap(({ name }) => linesToRun(name));
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

/** The command lines in the help, as printed: a long line continues after a backslash. */
async function examplesIn(help: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await bench(help);
  assert.is(code, 0, stderr);
  const [, examples] = stdout.split("Examples:\n");
  assert.ok(examples !== undefined, stdout);
  return [...examples.matchAll(/^ {2}(bench (?:.*\\\n)*.*)$/gm)].map(([, line]) => line!);
}

/** The command that a shell reads from a printed line. */
function joined(line: string): string {
  return line.replaceAll(/ \\\n +/g, " ");
}

test("the whole help shows the first example of each command", async () => {
  const shown = COMMANDS.map(({ examples }) => `bench ${examples[0]![0]}`);
  assert.equal((await examplesIn(["--help=all"])).map(joined), shown);
});

for (const { name, examples } of COMMANDS) {
  test(`the lines of bench ${name} --help=all run as printed`, async () => {
    assert.equal(
      printed.get(name)!.map(joined),
      examples.map(([args]) => `bench ${args}`),
    );
    for (const line of linesToRun(name)) {
      checkEnd(line, await ends.get(line)!);
    }
  });
}

test.run();
