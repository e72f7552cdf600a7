/**
 * Runs the command lines of README.md and docs/ in a shell on real etcds. Lines run as printed,
 * except that placeholder addresses are replaced, and flags are added that shorten the run: the last
 * value of a repeated flag wins.
 */
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "../../src/errors.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { benchLinesOf, PAGES, yamlOf } from "../fixtures/documentation.ts";
import { type BenchProgram, placeBenchProgram } from "../harness/bench-program.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";
import { runInShell, type ShellEnd } from "../harness/shell.ts";

const LIMIT_MS = patient(240_000);
/** The session that docs/suites.md uses as an earlier run. */
const SESSION = "results/sizes-20260801T101112Z";
const ADDRESS = /\bHOST:2379\b|\betcd-1:2379\b|\b10\.0\.0\.\d:2379(,10\.0\.0\.\d:2379)*/g;

let folder: string;
let cluster: LocalCluster;
let program: BenchProgram;
let env: NodeJS.ProcessEnv;

const run = (line: string): Promise<ShellEnd> =>
  runInShell(line, { cwd: folder, env, limitMs: LIMIT_MS });

before(test, async () => {
  try {
    await prepare();
  } catch (error) {
    // uvu fails the tests after a failed hook, and does not print why.
    console.error(error);
    throw error;
  }
});

test.after(async () => {
  await cluster.down();
  await program.close();
  await rm(folder, { recursive: true, force: true });
});

async function prepare(): Promise<void> {
  const etcd = await etcdForTests();
  folder = await mkdtemp(path.join(os.tmpdir(), "bench-docs-"));
  cluster = await startLocalCluster({ binary: etcd, members: 1 });
  program = await placeBenchProgram(folder, LIMIT_MS);
  const endpoint = cluster.endpoints[0]!;
  env = {
    ...process.env,
    PATH: `${folder}:${process.env.PATH}`,
    ETCD_BIN: etcd.path,
    ETCDCTL_ENDPOINTS: endpoint,
    OLD: endpoint,
    NEW: endpoint,
  };
  for (const name of ["v3.4", "v3.5", "ref", "head"]) {
    await mkdir(path.join(folder, name));
    await symlink(etcd.path, path.join(folder, name, "etcd"));
  }
  await mkdir(path.join(folder, "nightly"));
  // The script that docs/events.md runs as an event.
  await symlink("/bin/true", path.join(folder, "cut-network"));
  const [sizes] = yamlOf("docs/suites.md");
  await writeFile(path.join(folder, "sizes.yaml"), sizes!);
  await keepSessions();
}

/** Makes a complete session, and a later one without its last run. */
async function keepSessions(): Promise<void> {
  const line = "bench run sizes.yaml --local --only='writes, conns=10' --scale=0.02 --repeats=1";
  check(line, await run(`${line} --save=${SESSION}`));
  check(line, await run(`${line} --save=results/sizes-cut-short`));
  const cutShort = path.join(folder, "results/sizes-cut-short");
  const last = (await readdir(cutShort))
    .filter((name) => /^\d.*\.json$/.test(name))
    .sort()
    .at(-1)!;
  await rm(path.join(cutShort, last));
}

/** Flags that shorten a line, where it accepts them. */
function shortened(line: string): string {
  const at = [
    line.replaceAll(ADDRESS, cluster.endpoints[0]!),
    // Other tests may run the same lines at the same time.
    ...(line.includes("--metrics-listen") ? ["--metrics-listen=127.0.0.1:0"] : []),
    ...(line.includes("--live") ? ["--live=127.0.0.1:0"] : []),
  ].join(" ");
  const [, command] = line.split(" ");
  if (command === "report" || command === "trend" || command === "clean") return at;
  if (command === "calibrate") return `${at} --quick --workloads=put`;
  if (command === "run") return line.includes("--resume") ? at : `${at} --scale=0.01 --repeats=1`;
  if (command === "soak") return line.includes("--resume") ? at : `${at} --duration=3s --every=1s`;
  if (command === "memory") return `${at} --of=connections:20,leases:200 --steps=2`;
  if (command === "failover") {
    return `${at} --trials=1 --controls=0 --before=1s --after=1s --rate=200`;
  }
  const isTimed = /--duration|-z |compact |defrag |kubernetes |--find-max/.test(`${line} `);
  return [
    at,
    isTimed ? `--duration=${secondsOf(line)}s` : "--total=200",
    ...(command === "ab" ? ["--pairs=2"] : []),
    ...(line.includes("--defrag-at") ? ["--defrag-at=500ms"] : []),
    ...(line.includes("--find-max") ? ["--find-step-duration=300ms", "--find-start=100"] : []),
  ].join(" ");
}

/** Long enough for the event of the line. */
function secondsOf(line: string): number {
  const [, at = "0", lasts = "0"] = line.match(/at=(\d+)s for=(\d+)s/) ?? [];
  return Number(at) + Number(lasts) + 1;
}

/** On a loaded machine a limit may fail or the client may be the limit; a user gets this output too. */
function check(line: string, { code, output }: ShellEnd): void {
  const isSaid =
    (code === EXIT.failed && /FAILED|No rate was found|: slower|Verdict: failed/.test(output)) ||
    (code === EXIT.invalid && /undecided|limited by the client/.test(output)) ||
    // bench trend without any comparable point.
    (code === EXIT.usage && /runs? (was|were) limited by the client/.test(output));
  assert.ok(code === EXIT.done || isSaid, `exit code ${code} of ${line}\n${output}`);
}

/** Lines with tests elsewhere: for permanent clusters and proxies, agents, the doctor, the monitor. */
const TESTED_ELSEWHERE = /^bench (cluster|proxy|agents?|doctor|monitor) |--cluster=|--agents=/;

for (const page of PAGES) {
  const lines = benchLinesOf(page).filter((line) => !TESTED_ELSEWHERE.test(line));
  if (lines.length === 0) continue;
  test(`the command lines of ${page} run as printed`, async () => {
    for (const line of lines) check(line, await run(shortened(line)));
  });
}

test.run();
