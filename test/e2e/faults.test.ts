/** Runs bench on an etcd that dies, restarts or loses its majority during the run. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { knowsOfLeader, leaderIndex } from "../etcd/cluster-leader.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import {
  BenchProcess,
  bench,
  checkedResult,
  measuredBy,
  onlyOperation,
} from "../harness/bench-process.ts";
import { until } from "../harness/conditions.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";

const test = suite<{ folder: string }>("faults");

/** All members run again after each test. */
let cluster: LocalCluster;

before(test, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
});

test.after(() => cluster?.down());

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "bench-faults-"));
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

async function putsReach(run: BenchProcess, endpoint: string, revision: number): Promise<void> {
  await run.until(`etcd reached revision ${revision}`, async () => {
    return (await readStored(endpoint)).revision >= revision;
  });
}

for (const [name, flags] of [
  ["a closed loop with a total", ["--total=10M", "--clients=20", "--conns=4", "--workers=2"]],
  ["a paced run", ["--rate=200", `--duration=${patient(4)}s`, "--clients=20", "--conns=4"]],
] as const) {
  test(`killing etcd ends ${name}: saved, counted, exit code 1, nothing lost`, async ({
    folder,
  }) => {
    const endpoint = cluster.endpoints[0]!;
    const atFirst = (await readStored(endpoint)).revision;
    const run = new BenchProcess([
      "put",
      `--endpoints=${endpoint}`,
      ...flags,
      "--timeout=2s",
      `--save=${folder}`,
      "--output=json",
    ]);
    await putsReach(run, endpoint, atFirst + 100);
    await cluster.kill("etcd1");
    const { code, result, stderr } = measuredBy(await run.ended);
    assert.is(code, 1, stderr);
    assert.is(result.verdict.kind, "errors");
    const { requests, errors, failedTime } = onlyOperation(result);
    assert.ok(requests.succeeded > 0 && requests.failed > 0, JSON.stringify(requests));
    assert.is(failedTime?.count, requests.failed);
    for (const { code } of errors) {
      assert.ok(["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"].includes(code), code);
    }
    const [file] = await readdir(folder);
    assert.equal(checkedResult(JSON.parse(await readFile(join(folder, file!), "utf8"))), result);

    await cluster.restart("etcd1");
    const gained = (await readStored(endpoint)).revision - atFirst;
    const most = requests.succeeded + requests.failed;
    const shown = `${requests.succeeded} <= ${gained} <= ${most}`;
    assert.ok(requests.succeeded <= gained && gained <= most, shown);
  });
}

for (const transport of ["wire", "grpc-js"]) {
  test(`a run over a restart of etcd has successes before and after it (${transport})`, async () => {
    const endpoint = cluster.endpoints[0]!;
    const atFirst = (await readStored(endpoint)).revision;
    // The total ends the run at any speed; with a duration, bench does not give up on etcd.
    const total = 600;
    const run = new BenchProcess([
      "put",
      `--endpoints=${endpoint}`,
      `--total=${total}`,
      `--duration=${patient(300)}s`,
      "--rate=100",
      "--clients=10",
      "--conns=2",
      "--timeout=1s",
      `--transport=${transport}`,
      "--output=json",
    ]);
    await putsReach(run, endpoint, atFirst + 100);
    await cluster.kill("etcd1");
    const diedMs = performance.now();
    await until("it was down for a while", () => performance.now() - diedMs > 1_500);
    await cluster.restart("etcd1");
    const { code, result, stderr } = measuredBy(await run.ended);
    assert.is(code, 1, stderr);
    assert.is(result.status, "complete");
    const { requests, intervals, errors } = onlyOperation(result);
    assert.is(requests.offered, total);
    // Requests in flight fail immediately at the kill; waiting ones can fail at their deadline.
    assert.ok(errors.length > 0);
    assert.ok(
      errors.every(({ code }) => code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED"),
      JSON.stringify(errors),
    );
    const lastFailure = intervals.findLastIndex(({ failed }) => failed > 0);
    const firstFailure = intervals.findIndex(({ failed }) => failed > 0);
    const shown = JSON.stringify(intervals.map(({ succeeded, failed }) => [succeeded, failed]));
    assert.ok(
      intervals.slice(0, firstFailure + 1).some(({ succeeded }) => succeeded > 0),
      shown,
    );
    assert.ok(
      intervals.slice(lastFailure).some(({ succeeded }) => succeeded > 0),
      shown,
    );
    assert.ok(
      result.notes.some((note) => note.includes("restarted during the run")),
      stderr,
    );
  });
}

test("requests to a frozen etcd fail exactly at their deadline, and the run ends in time", async () => {
  const endpoint = cluster.endpoints[0]!;
  const atFirst = (await readStored(endpoint)).revision;
  const length = `--duration=${patient(3)}s`;
  const flags = ["--total=10M", length, "--timeout=500ms", "--clients=3"];
  const run = new BenchProcess(["put", `--endpoints=${endpoint}`, ...flags, "--output=json"]);
  await putsReach(run, endpoint, atFirst + 100);
  cluster.pause("etcd1");
  const { code, result, stderr } = measuredBy(await run.ended);
  cluster.resume("etcd1");
  assert.is(code, 1, stderr);
  const { requests, errors, failedTime } = onlyOperation(result);
  assert.ok(requests.succeeded > 0);
  assert.equal(
    errors.map((error) => error.code),
    ["DEADLINE_EXCEEDED"],
  );
  assert.ok(failedTime!.minMs! >= 499, `${failedTime!.minMs} ms`);
});

test.run();

const onThree = suite("faults, three members");

before(onThree, async () => {
  cluster = await startLocalCluster({ binary: await etcdForTests(), members: 3 });
});

onThree.after(() => cluster?.down());

onThree(
  "a run continues after the death of the leader, and failed requests are counted",
  async () => {
    const endpoints = cluster.endpoints.join(",");
    const leader = await leaderIndex(cluster);
    const follower = cluster.endpoints[(leader + 1) % 3]!;
    const atFirst = (await readStored(follower)).revision;
    const total = 600;
    const load = ["--rate=100", `--total=${total}`, `--duration=${patient(300)}s`, "--timeout=3s"];
    const flags = [...load, "--conns=3", "--clients=30"];
    const run = new BenchProcess(["put", `--endpoints=${endpoints}`, ...flags, "--output=json"]);
    await putsReach(run, follower, atFirst + 100);
    await cluster.kill(cluster.members[leader]!.name);
    const { code, result, stderr } = measuredBy(await run.ended);
    assert.is(code, 1, stderr);
    const { requests, intervals } = onlyOperation(result);
    assert.is(requests.offered, total);
    assert.ok(requests.succeeded > 0 && requests.failed > 0, JSON.stringify(requests));
    // The connection to the dead member still fails; the others find a new leader.
    const firstFailure = intervals.findIndex(({ failed }) => failed > 0);
    assert.ok(
      intervals.slice(firstFailure + 1).some(({ succeeded }) => succeeded > 0),
      JSON.stringify(intervals.map(({ succeeded, failed }) => [succeeded, failed])),
    );
    const gained = (await readStored(follower)).revision - atFirst;
    assert.ok(gained >= requests.succeeded && gained <= requests.succeeded + requests.failed);
    await cluster.restart(cluster.members[leader]!.name);
  },
);

onThree("a cluster without a majority is refused with exit code 2 in one line", async () => {
  await cluster.kill("etcd2");
  await cluster.kill("etcd3");
  const survivor = cluster.endpoints[0]!;
  await until("it knows of no leader", async () => !(await knowsOfLeader(survivor)));
  for (const command of ["put", "range"]) {
    const { code, stdout, stderr } = await bench([
      command,
      `--endpoints=${survivor}`,
      "--no-progress",
    ]);
    assert.is(code, 2, stderr);
    assert.is(stdout, "");
    assert.match(stderr, /^bench: --endpoints\S* [^\n]*no leader[^\n]*\n$/);
  }
});

onThree.run();
