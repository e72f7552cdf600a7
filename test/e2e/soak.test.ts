/** Runs soaks of seconds instead of hours: saved rows, a kill between rows, and the whole report. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { readSoakRows } from "../../src/soak/folder.ts";
import type { SoakReport } from "../../src/soak/report-schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, bench } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";

const test = suite<{ cwd: string; cluster: LocalCluster; load: string[] }>("soak");

before(test, async (context) => {
  context.cwd = await mkdtemp(path.join(os.tmpdir(), "bench-soak-"));
  context.cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  const endpoints = `--endpoints=${context.cluster.endpoints[0]}`;
  context.load = ["soak", "put", endpoints, "--rate=100", "--clients=5", "--every=1s"];
});

test.after(async ({ cluster, cwd }) => {
  await cluster.down();
  await rm(cwd, { recursive: true, force: true });
});

test("a soak of watchers and puts has a row each second, and its folder gives the same report", async ({
  cwd,
  cluster,
}) => {
  const end = await bench(
    [
      ...["soak", "watch", `--endpoints=${cluster.endpoints[0]}`, "--streams=2"],
      ...["--watch-per-stream=5", "--put-rate=50", "--duration=3s", "--every=1s", "--save=w"],
      ...["--output=json=w.json", "--output=html=w.html", "--output=markdown"],
    ],
    { cwd },
  );
  // Three rows are too few to show or exclude a drift.
  assert.is(end.code, 4, end.stderr);
  assert.match(end.stdout, /undecided: a drift shows in 10 rows or more/);
  assert.match(
    end.stderr,
    /row 1 \(\d.*\): watch-put .*\/s, response p99 .*client .* MB.*; etcd .* MB, db /,
  );
  const report = JSON.parse(await readFile(path.join(cwd, "w.json"), "utf8")) as SoakReport;
  const [put, delivery] = report.totals;
  assert.equal([put!.name, delivery!.name], ["watch-put", "watch-delivery"]);
  assert.ok(put!.succeeded >= 100 && put!.failed === 0, JSON.stringify(put));
  assert.is(delivery!.succeeded, put!.succeeded * 10);
  assert.ok(report.rows.length >= 3);
  for (const { client, members } of report.rows) {
    assert.ok(client.rssBytes! > 10e6 && client.openFiles! > 3);
    assert.ok(members[0]!.rssBytes! > 1e6 && members[0]!.openFiles! > 3);
    assert.ok(members[0]!.dbSizeBytes! > 0);
  }
  assert.match(await readFile(path.join(cwd, "w.html"), "utf8"), /Over the hours/);
  const again = await bench(["report", "w", "--output=json"], { cwd });
  assert.is(again.code, 0, again.stderr);
  assert.equal(JSON.parse(again.stdout), report);
});

test("a soak whose operations take turns lasts as long as asked, and has the rate of each", async ({
  cwd,
  cluster,
}) => {
  const end = await bench(
    [
      ...["soak", "range", "k", `--endpoints=${cluster.endpoints[0]}`, "--consistency=l,s"],
      ...["--rate=40", "--clients=20", "--duration=4s", "--every=1s", "--output=json"],
    ],
    { cwd },
  );
  const report = JSON.parse(end.stdout) as SoakReport;
  assert.equal(
    report.totals.map(({ name, succeeded }) => [name, succeeded]),
    [
      ["range-linearizable", 80],
      ["range-serializable", 80],
    ],
  );
  for (const { name, perSec } of report.totals) {
    assert.ok(perSec! > 21, `${name}: ${perSec} of 40/s`);
  }
});

test("a soak of requests that etcd refuses has etcd's reason in its rows, totals and table", async ({
  cwd,
  cluster,
}) => {
  const end = await bench(
    [
      ...["soak", "put", `--endpoints=${cluster.endpoints[0]}`, "--val-size=1600KB", "--rate=10"],
      ...["--clients=2", "--duration=2s", "--every=1s", "--save=r", "--output=json=r.json"],
      "--output=table",
    ],
    { cwd },
  );
  assert.is(end.code, 1, end.stderr);
  const reason = /INVALID_ARGUMENT: etcdserver: request is too large/;
  assert.match(end.stderr, new RegExp(`row 1 .* failed with ${reason.source}; client`));
  assert.match(end.stdout, /\nput +\d+ +INVALID_ARGUMENT +etcdserver: request is too large\n/);
  const report = JSON.parse(await readFile(path.join(cwd, "r.json"), "utf8")) as SoakReport;
  const [put] = report.totals;
  assert.equal(put!.errors, [
    {
      code: "INVALID_ARGUMENT",
      message: "etcdserver: request is too large",
      count: put!.failed,
    },
  ]);
});

test("a killed soak continues after its last row, and different flags are refused", async ({
  cwd,
  load,
}) => {
  const args = [...load, "--duration=10s", "--save=k"];
  const first = new BenchProcess(args, { cwd });
  const folder = path.join(cwd, "k");
  await first.until("two rows", async () => {
    const rows = await readSoakRows(folder).catch(() => []);
    return rows.length >= 2;
  });
  first.signal("SIGKILL");
  await first.ended;
  const kept = await readSoakRows(folder);

  const resumed = [...load, "--duration=10s", "--resume=k"];
  const other = await bench([...resumed, "--val-size=16"], { cwd });
  assert.is(other.code, 2);
  assert.match(other.stderr, /--resume: the soak in k was begun with other flags; give the same/);

  const end = await bench([...resumed, "--output=json"], { cwd });
  assert.ok(end.code === 4 || end.code === 0, end.stderr);
  const report = JSON.parse(end.stdout) as SoakReport;
  assert.is(report.segments, 2);
  assert.equal(report.rows.slice(0, kept.length), kept);
  assert.equal(
    report.rows.map(({ row }) => row),
    report.rows.map((_, at) => at + 1),
  );
  assert.ok(report.measuredMs >= 9_900, `${report.measuredMs}`);

  const over = await bench(resumed, { cwd });
  assert.is(over.code, 2);
  assert.match(over.stderr, /k has all its time; print it with bench report k/);
});

test("a soak that runs is not resumed a second time, and its claim ends with it", async ({
  cwd,
  load,
}) => {
  const run = new BenchProcess([...load, "--duration=5h", "--save=c"], { cwd });
  const folder = path.join(cwd, "c");
  await run.until("a row", async () => {
    const rows = await readSoakRows(folder).catch(() => []);
    return rows.length >= 1;
  });
  const second = await bench([...load, "--duration=5h", "--resume=c"], { cwd });
  assert.is(second.code, 2);
  assert.match(
    second.stderr,
    /--resume: c is in use by bench with pid \d+: wait until it ends, or stop it$/m,
  );
  run.signal("SIGINT");
  assert.is((await run.ended).code, 130);
  const names = await readdir(folder);
  assert.equal(names.sort(), ["rows-0001.jsonl", "segment-0001.json", "soak.json"]);
});

test("Ctrl-C ends a soak with its rows, its report and the command that continues it", async ({
  cwd,
  cluster,
  load,
}) => {
  const [endpoint] = cluster.endpoints;
  const env = { ETCDCTL_ENDPOINTS: endpoint! };
  const words = load.filter((word) => !word.startsWith("--endpoints="));
  const run = new BenchProcess([...words, "--duration=5h", "--save=i"], { cwd, env });
  await run.said(/row 1 /);
  run.signal("SIGINT");
  const end = await run.ended;
  assert.is(end.code, 130, end.stderr);
  assert.match(end.stdout, /^Soak: .* of 5 h: undecided/);
  assert.match(
    end.stderr,
    new RegExp(
      `to measure the time that is left: bench soak put .*--endpoints=${endpoint} --resume=i`,
    ),
  );
  const file = path.join(cwd, "i", "soak.json");
  const manifest = JSON.parse(await readFile(file, "utf8"));
  assert.equal(manifest.target.endpoints, [endpoint]);
  assert.match(manifest.target.clusterId, /^[0-9a-f]+$/);
  manifest.target.clusterId = "1";
  await writeFile(file, JSON.stringify(manifest));
  const other = await bench([...load, "--duration=5h", "--resume=i"], { cwd });
  assert.is(other.code, 2);
  assert.match(
    other.stderr,
    /--resume: the soak in i was begun on .* \(cluster 1\), and .* is another/,
  );
  assert.ok((await readSoakRows(path.join(cwd, "i"))).length >= 1);
});

test.run();
