/**
 * Runs the command lines that README.md and docs/ print, in a shell and against real etcds. A line is
 * taken as it is printed, but for addresses that exist nowhere, and gets flags that make it short: the
 * last of a repeated flag holds.
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
/** What docs/suites.md names as the session of an earlier run. */
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
    // uvu fails the tests after a hook that threw, and does not print why.
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
  // What docs/events.md has run as an event.
  await symlink("/bin/true", path.join(folder, "cut-network"));
  const [sizes] = yamlOf("docs/suites.md");
  await writeFile(path.join(folder, "sizes.yaml"), sizes!);
  await keepSessions();
}

/** A session that is complete, and a later one that lacks its last run. */
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

/** Flags that make a line short, where it takes them. */
function shortened(line: string): string {
  const at = [
    line.replaceAll(ADDRESS, cluster.endpoints[0]!),
    // Other tests may run these lines at the same time.
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

/** A loaded machine breaks limits and is the limit itself; what it prints then is what a user reads. */
function check(line: string, { code, output }: ShellEnd): void {
  const isSaid =
    (code === EXIT.failed && /FAILED|No rate was found|: slower|Verdict: failed/.test(output)) ||
    (code === EXIT.invalid && /undecided|limited by the client/.test(output)) ||
    // bench trend, where no night could be compared.
    (code === EXIT.usage && /runs? (was|were) limited by the client/.test(output));
  assert.ok(code === EXIT.done || isSaid, `exit code ${code} of ${line}\n${output}`);
}

/** Of clusters and proxies that stay, of agents, of the doctor and the monitor, which have tests of their own. */
const TESTED_ELSEWHERE = /^bench (cluster|proxy|agents?|doctor|monitor) |--cluster=|--agents=/;

for (const page of PAGES) {
  const lines = benchLinesOf(page).filter((line) => !TESTED_ELSEWHERE.test(line));
  if (lines.length === 0) continue;
  test(`the command lines of ${page} run as printed`, async () => {
    for (const line of lines) check(line, await run(shortened(line)));
  });
}

test.run();
