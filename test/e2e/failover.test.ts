/** Kills the leader of a real cluster under load, in one short trial, and goes on with trials that are missing. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { FailoverReport } from "../../src/failover/report-schema.ts";
import { bench } from "../harness/bench-process.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-failover-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const TRIAL = [
  ...["failover", "--local=3", "--trials=1", "--controls=0", "--before=1s", "--after=3s"],
  ...["--event=for=1s kill leader", "--workload=put,range-linearizable,watch,lock", "--rate=400"],
];

test("a killed leader is away until the next is elected, and no acknowledged write is lost", async () => {
  const json = join(folder, "report.json");
  const { stderr } = await bench([
    ...[...TRIAL, `--save=${join(folder, "session")}`, `--output=json=${json}`],
    "--threshold=lost-writes==0",
  ]);
  const report = JSON.parse(readFileSync(json, "utf8")) as FailoverReport;
  assert.is(report.measured, 1, stderr);
  const { data, rows, thresholds } = report;
  assert.ok(data.acknowledged > 0);
  assert.equal(
    [data.lost, data.appliedTwice, data.corrupt, data.hashesDiffer, data.wentBack, data.notFound],
    [0, 0, 0, 0, 0, 0],
  );
  assert.equal([data.eventsTwice, data.eventsLost, data.twoOwners], [0, 0, 0]);
  assert.is(thresholds[0]!.outcome, "held");
  assert.ok(report.leaderElectedMs.max! > 0);
  const row = rows.find(({ operation, role }) => operation === "put" && role === "faulted");
  // Away for a second at least, since it was started again only then.
  assert.ok(row!.longestWindowMs.max! > 900, JSON.stringify(row!.longestWindowMs));
});

test("trials that are there are not measured again, and other flags are refused", async () => {
  const session = join(folder, "session");
  const again = await bench([...TRIAL, `--resume=${session}`]);
  assert.match(again.stderr, "1 of 1 runs are done");
  assert.match(again.stdout, "What clients saw");
  const other = await bench([...TRIAL, "--before=2s", `--resume=${session}`]);
  assert.is(other.code, 2);
  assert.match(other.stderr, "were begun with other flags");
});

test.run();
