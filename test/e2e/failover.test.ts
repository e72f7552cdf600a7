/** Kills the leader of a real cluster under load in two short trials, with Ctrl-C between them. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startLocalCluster } from "../../src/etcd/local-cluster.ts";
import type { FailoverReport } from "../../src/failover/report-schema.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, bench } from "../harness/bench-process.ts";
import { whileClaimed } from "../harness/foreign-claim.ts";
import { patient } from "../harness/patience.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-failover-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const session = join(folder, "session");
const TRIALS = [
  ...["failover", "--local=3", "--trials=2", "--controls=0", "--before=1s"],
  // On a busy machine a member needs long to restart.
  `--after=${patient(6)}s`,
  ...["--event=for=1s kill leader", "--workload=put,range-linearizable,watch,lock", "--rate=120"],
];

test("Ctrl-C keeps the finished trials, and prints how to continue", async () => {
  const run = new BenchProcess([...TRIALS, `--save=${session}`]);
  await run.said(/1 of 2: /);
  run.signal("SIGINT");
  const { code, stdout, stderr } = await run.ended;
  assert.is(code, 130, stderr);
  assert.match(stdout, "What clients saw");
  assert.match(stderr, `1 of 2 runs are missing; bench ${TRIALS[0]}`);
  assert.match(stderr, `--resume=${session}`);
});

test("a killed leader is unavailable until the next election, and no acknowledged write is lost", async () => {
  const json = join(folder, "report.json");
  const { code, stderr } = await bench(["report", session, `--output=json=${json}`]);
  assert.is(code, 0, stderr);
  const report = JSON.parse(readFileSync(json, "utf8")) as FailoverReport;
  assert.is(report.measured, 1, stderr);
  const { data, rows } = report;
  assert.ok(data.acknowledged > 0);
  assert.equal(
    [data.lost, data.appliedTwice, data.corrupt, data.hashesDiffer, data.wentBack, data.notFound],
    [0, 0, 0, 0, 0, 0],
  );
  assert.equal([data.eventsTwice, data.eventsLost, data.twoOwners], [0, 0, 0]);
  assert.ok(report.leaderElectedMs.max! > 0);
  const row = rows.find(({ operation, role }) => operation === "put" && role === "faulted");
  // Unavailable for at least a second, because it was restarted only then.
  assert.ok(row!.longestWindowMs.max! > 900, JSON.stringify(row!.longestWindowMs));
});

test("different flags are refused, and the missing trial is measured", async () => {
  const other = await bench([...TRIALS, "--before=2s", `--resume=${session}`]);
  assert.is(other.code, 2);
  assert.match(other.stderr, "were begun with other flags");
  await whileClaimed(session, async () => {
    const second = await bench([...TRIALS, `--resume=${session}`]);
    assert.is(second.code, 2);
    assert.match(second.stderr, `is in use by bench with pid ${process.pid}: wait until`);
  });
  const json = join(folder, "resumed.json");
  const rest = await bench([
    ...[...TRIALS, `--resume=${session}`, `--output=json=${json}`],
    "--threshold=lost-writes==0",
  ]);
  assert.match(rest.stderr, "1 of 2 runs are done");
  const { measured, thresholds } = JSON.parse(readFileSync(json, "utf8")) as FailoverReport;
  assert.is(measured, 2, rest.stderr);
  assert.is(thresholds[0]!.outcome, "held");
});

test("an event that does not fit the cluster is refused before the first run", async () => {
  const cluster = await startLocalCluster({ binary: await etcdForTests(), members: 1 });
  try {
    const target = `--endpoints=${cluster.endpoints[0]}`;
    const runs = ["--trials=1", "--controls=2", "--before=1s", "--after=1s", "--seed=3"];
    const kept = join(folder, "refused");
    const words = ["failover", target, "--event=defrag m9", ...runs, `--save=${kept}`];
    const { code, stderr } = await bench(words);
    assert.is(code, 2, stderr);
    assert.match(stderr, /^bench: trial 1: .*"m9" is no member of the cluster/m);
    assert.not.ok(existsSync(kept), "nothing was measured");
  } finally {
    await cluster.down();
  }
});

test.run();
