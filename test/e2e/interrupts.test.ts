/** Interrupts bench as a user does with Ctrl-C: once, twice, and before the measurement. */
import { execFileSync, spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { processesNaming, startTimeOf } from "../../src/etcd/local-cluster/process-identity.ts";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { packageRoot } from "../../src/package-root.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import {
  BenchProcess,
  checkedResult,
  measuredBy,
  onlyOperation,
} from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";

/** `folder` is the temporary folder of bench, which nothing else uses. */
const test = suite<{ folder: string }>("interrupts");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "bench-interrupts-"));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

async function local(folder: string, ...flags: string[]): Promise<BenchProcess> {
  const { path } = await etcdForTests();
  const etcd = flags.some((flag) => flag.startsWith("--etcd=")) ? [] : [`--etcd=${path}`];
  const args = ["put", "--local", ...etcd, ...flags];
  return new BenchProcess(args, { env: { TMPDIR: folder }, ownGroup: true });
}

async function withCluster(body: (cluster: LocalCluster) => Promise<void>): Promise<void> {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  try {
    await body(cluster);
  } finally {
    await cluster.down();
  }
}

async function putsAfter(run: BenchProcess, endpoint: string, revision: number): Promise<void> {
  await run.until("some puts were in", async () => {
    return (await readStored(endpoint)).revision > revision + 100;
  });
}

/** Pids of the etcds of the cluster in the folder. */
async function membersIn(folder: string): Promise<number[]> {
  const [cluster] = (await readdir(folder)).filter((name) => name.startsWith("etcd-bench-local-"));
  assert.ok(cluster, "a cluster has its folder");
  const owner = await readFile(join(folder, cluster, "owner.json"), "utf8");
  return (JSON.parse(owner) as { memberPids: number[] }).memberPids;
}

async function assertNothingLeft(folder: string, pids: readonly number[]): Promise<void> {
  assert.equal(await readdir(folder), []);
  assert.ok(pids.every((pid) => startTimeOf(pid) === null));
  // The watchdog ends after it notices the end of bench.
  await until("no process of bench is left", () => processesNaming(folder, []).length === 0);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGALRM"] as const) {
  test(`the first ${signal} drains, prints, saves as interrupted, and leaves nothing: exit code 130`, async ({
    folder,
  }) => {
    const results = await mkdtemp(join(tmpdir(), "bench-interrupts-results-"));
    try {
      const run = await local(
        folder,
        "--duration=10m",
        "--clients=20",
        `--save=${results}`,
        "--output=json",
      );
      await run.said(/measuring/);
      const pids = await membersIn(folder);
      assert.is(pids.length, 1);
      run.signal(signal);
      const { code, result, stderr } = measuredBy(await run.ended);
      assert.is(code, 130, stderr);
      assert.match(stderr, /stopping: waiting for the requests in flight/);
      assert.is(result.status, "interrupted");
      const { requests } = onlyOperation(result);
      assert.is(requests.failed, 0, "what was in flight was answered");
      const [file] = await readdir(results);
      const saved: unknown = JSON.parse(await readFile(join(results, file!), "utf8"));
      assert.equal(checkedResult(saved), result);
      await assertNothingLeft(folder, pids);
    } finally {
      await rm(results, { recursive: true, force: true });
    }
  });
}

test("an interrupted run on the user's etcd counts exactly the requests that etcd executed", () =>
  withCluster(async ({ endpoints: [endpoint] }) => {
    for (const rate of [[], ["--rate=300"]]) {
      const before = (await readStored(endpoint!)).revision;
      const flags = ["--duration=10m", "--clients=7", "--output=json", ...rate];
      const run = new BenchProcess(["put", `--endpoints=${endpoint}`, ...flags]);
      await putsAfter(run, endpoint!, before);
      run.signal("SIGINT");
      const { code, result } = measuredBy(await run.ended);
      assert.is(code, 130);
      const { requests, durationSeconds } = onlyOperation(result);
      assert.is((await readStored(endpoint!)).revision, before + requests.succeeded);
      // Requests due in the rest of the ten minutes do not count as offered.
      if (rate.length === 0) assert.is(requests.dropped, 0);
      else assert.ok(requests.offered <= 300 * durationSeconds + 1, JSON.stringify(requests));
    }
  }));

test("deletes that are interrupted while their keys are put print that keys stay", () =>
  withCluster(async ({ endpoints: [endpoint] }) => {
    const before = (await readStored(endpoint!)).revision;
    const run = new BenchProcess(["delete", `--endpoints=${endpoint}`, "--total=5000000"]);
    await putsAfter(run, endpoint!, before);
    run.signal("SIGINT");
    const { code, stderr } = await run.ended;
    assert.is(code, 130, stderr);
    assert.match(stderr, /what this run has put stays in etcd/);
    assert.ok((await readStored(endpoint!)).keys.length > 0);
  }));

test("a later SIGINT exits immediately, even while a frozen etcd is drained, and leaves nothing", async ({
  folder,
}) => {
  const run = await local(folder, "--duration=10m", "--clients=20", "--timeout=5m");
  await run.said(/measuring/);
  const pids = await membersIn(folder);
  process.kill(pids[0]!, "SIGSTOP");
  run.signal("SIGINT");
  await run.said(/stopping/);
  const { code, stdout } = await run.endedBySignals("SIGINT");
  assert.is(code, 130);
  assert.is(stdout, "");
  await assertNothingLeft(folder, pids);
});

test("the drain of a frozen etcd has a time limit, and counts the abandoned requests", () =>
  withCluster(async (cluster) => {
    const endpoint = cluster.endpoints[0]!;
    const before = (await readStored(endpoint)).revision;
    const flags = ["--duration=10m", "--clients=20", "--timeout=5m", "--output=json"];
    const run = new BenchProcess(["put", `--endpoints=${endpoint}`, ...flags]);
    await putsAfter(run, endpoint, before);
    cluster.pause("etcd1");
    run.signal("SIGINT");
    const { code, result } = measuredBy(await run.ended);
    assert.is(code, 130);
    const { requests, errors } = onlyOperation(result);
    assert.ok(requests.failed > 0 && requests.failed <= 20, JSON.stringify(requests));
    assert.equal(
      errors.map((error) => error.code),
      ["CANCELLED"],
    );
  }));

test("a SIGINT before the measurement exits immediately, prints nothing and leaves nothing", async ({
  folder,
}) => {
  const programs = await mkdtemp(join(tmpdir(), "bench-interrupts-etcd-"));
  try {
    // This etcd stops itself before it starts, so that no measurement begins.
    const etcd = join(programs, "etcd");
    const { path } = await etcdForTests();
    const real = `exec ${path} "$@"`;
    await writeFile(etcd, `#!/bin/sh\n[ "$1" = --version ] || kill -STOP $$\n${real}\n`);
    await chmod(etcd, 0o755);
    const run = await local(folder, `--etcd=${etcd}`, "--duration=10m");
    await run.said(/etcd: /);
    run.signal("SIGINT");
    const { code, stdout } = await run.ended;
    assert.is(code, 130);
    assert.is(stdout, "");
    await assertNothingLeft(folder, []);
  } finally {
    await rm(programs, { recursive: true, force: true });
  }
});

test("a SIGINT to the whole group, as a terminal sends it, lets requests finish before etcd ends", async ({
  folder,
}) => {
  const run = await local(folder, "--duration=10m", "--clients=3", "--output=json");
  await run.said(/measuring/);
  const pids = await membersIn(folder);
  run.signalGroup("SIGINT");
  const { code, result } = measuredBy(await run.ended);
  assert.is(code, 130);
  assert.is(onlyOperation(result).requests.failed, 0);
  await assertNothingLeft(folder, pids);
});

for (const [name, sender] of [
  ["SIGHUP", "a closing terminal sends them"],
  ["SIGTERM", "timeout sends them to its command and to its group"],
  ["SIGINT", "a terminal and npx send them"],
] as const) {
  test(`two ${name}s, as ${sender}, still drain`, () =>
    withCluster(async ({ endpoints: [endpoint] }) => {
      const { revision } = await readStored(endpoint!);
      const flags = ["--duration=10m", "--clients=7", "--output=json"];
      const run = new BenchProcess(["put", `--endpoints=${endpoint}`, ...flags]);
      await putsAfter(run, endpoint!, revision);
      run.signal(name);
      run.signal(name);
      const { code, result } = measuredBy(await run.ended);
      assert.equal([code, result.status], [130, "interrupted"]);
    }));
}

test("a hang-up that was ignored at the start, as with nohup, is still ignored", () =>
  withCluster(async ({ endpoints: [endpoint] }) => {
    const flags = ["put", `--endpoints=${endpoint}`, "--duration=10m", "--output=json"];
    const launcher = join(packageRoot(), "bin", "bench");
    const run = spawn("nohup", [launcher, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    run.stdout.on("data", (text) => (stdout += text));
    run.stderr.on("data", (text) => (stderr += text));
    const ended = new Promise((resolve) => run.once("close", resolve));
    try {
      for (let round = 0; round < 2; round++) {
        const { revision } = await readStored(endpoint!);
        await until("puts were in", async () => {
          assert.is(run.exitCode, null, stderr);
          return (await readStored(endpoint!)).revision > revision + 100;
        });
        run.kill("SIGHUP");
      }
      assert.not.match(stderr, /stopping/);
    } finally {
      run.kill("SIGINT");
    }
    assert.is(await ended, 130);
    assert.is(JSON.parse(stdout).status, "interrupted");
  }));

test("a signal ends bench while it waits for the writer of a pipe that --cacert names", async ({
  folder,
}) => {
  const pipe = join(folder, "ca.pem");
  execFileSync("mkfifo", [pipe]);
  const run = new BenchProcess(["put", "--endpoints=https://127.0.0.1:1", `--cacert=${pipe}`]);
  await run.said(/waiting for a writer of the pipe/);
  run.signal("SIGINT");
  assert.is((await run.ended).code, 130);
});

test("a signal ends bench while it waits for the writer of a pipe with the secret of a group", ({
  folder,
}) =>
  withCluster(async ({ endpoints: [endpoint] }) => {
    const pipe = join(folder, "secret");
    execFileSync("mkfifo", ["-m", "600", pipe]);
    const run = new BenchProcess([
      ...["put", `--endpoints=${endpoint}`, "--total=1", "--agents=1"],
      ...["--coordination=http://127.0.0.1:1", `--coordination-secret-file=${pipe}`],
    ]);
    await run.said(/waiting for a writer of the pipe/);
    run.signal("SIGINT");
    assert.is((await run.ended).code, 130);
  }));

test("the certificate that a writer puts into a named pipe is read", async ({ folder }) => {
  const pipe = join(folder, "ca.pem");
  execFileSync("mkfifo", [pipe]);
  const run = new BenchProcess(["put", "--endpoints=https://127.0.0.1:1", `--cacert=${pipe}`]);
  await writeFile(pipe, "no certificate");
  const { code, stderr } = await run.ended;
  assert.is(code, 2);
  assert.match(stderr, /holds no certificate in PEM/);
});

test.run();
