/** Makes planned faults (`--event`) on a real cluster: made, marked, assessed and reverted. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type LocalCluster, startLocalCluster } from "../../src/etcd/local-cluster.ts";
import { etcdForTests } from "../etcd/real-etcd.ts";
import { BenchProcess, bench, measure, measuredBy } from "../harness/bench-process.ts";
import { before } from "../harness/hooks.ts";
import { patient } from "../harness/patience.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-planned-faults-"));
const script = join(folder, "script.sh");
const log = join(folder, "script.log");

/** Plan time, longer on a slow machine, which needs longer between two actions. */
const ms = (time: number) => `${patient(time)}ms`;

before(test, () => {
  writeFileSync(script, `#!/bin/sh\necho "$1 $2 $BENCH_EVENT $BENCH_EVENT_FOR" >>${log}\n`);
  chmodSync(script, 0o700);
});
test.before.each(() => rmSync(log, { force: true }));
test.after(() => rmSync(folder, { recursive: true }));

function scriptLog(): string[] {
  return readFileSync(log, "utf8").trim().split("\n");
}

test("each fault is made, marked and reverted, and a run with a killed leader is valid", async () => {
  const csv = join(folder, "intervals.csv");
  const { code, result, stderr } = await measure([
    ...["put", "--local=3", "--rate=100", `--duration=${ms(16_000)}`, "--clients=30", "--conns=3"],
    ...["--check-hashkv", `--output=csv=${csv}`],
    // Longer than an election takes when etcd has little CPU time.
    `--event=at=${ms(500)} for=${ms(3_000)} kill leader`,
    `--event=at=${ms(6_000)} for=${ms(500)} pause follower`,
    `--event=at=${ms(7_500)} move-leader`,
    `--event=at=${ms(8_500)} compact`,
    `--event=at=${ms(9_000)} for=200ms exec ${script} word`,
    // The run continues long enough after it: on a slow machine, finding the leader takes seconds.
    `--event=at=${ms(10_000)} for=${ms(300)} alarm nospace`,
  ]);
  assert.is(code, 0, stderr);
  const made = result.moments.filter(({ text }) => text !== null);
  assert.equal(
    made.map(({ kind, error }) => `${kind} ${error}`).toSorted(),
    ["alarm", "compaction", "exec", "kill", "move-leader", "pause"].map((kind) => `${kind} null`),
  );
  const [kill, pause, move] = ["kill", "pause", "move-leader"].map((kind) => {
    return made.find((each) => each.kind === kind);
  });
  assert.match(kill!.member!, /^etcd\d$/);
  assert.ok(kill!.durationSeconds! >= 3 && pause!.durationSeconds! >= 0.5);
  assert.ok(move!.member !== null && /^etcd\d$/.test(pause!.member!));
  const { during, outside } = result.operations[0]!.moments!;
  assert.ok(during.failed > 0, "requests to the killed member and under the alarm fail");
  assert.is(outside.failed, 0);
  assert.is(result.hashKv!.isEqual, true);
  const moved = result.target.changes.find(({ kind }) => kind === "leader");
  assert.match(moved!.text, /, after the .* etcd\d that was asked for$/);
  assert.ok(result.notes.some((note) => /failed in the time of an --event/.test(note)));
  assert.match(readFileSync(csv, "utf8"), new RegExp(`kill leader \\(${kill!.member}\\)`));
  assert.equal(scriptLog(), ["word start start 200ms", "word end end 200ms"]);
});

test("an event that fails, or is after the end, fails the run with the reason", async () => {
  const { code, result } = await measure([
    ...["put", "--local", "--rate=200", "--total=200", "--max-error-rate=1"],
    ...["--event=at=100ms exec echo 'no such fault' >&2; false", "--event=at=1h kill leader"],
  ]);
  assert.is(code, 1);
  assert.is(result.verdict.kind, "errors");
  assert.equal(result.faults, [
    "--event='at=100ms exec echo 'no such fault' >&2; false': " +
      "echo 'no such fault' >&2; false start: it ended with exit code 1: no such fault; " +
      "its end failed too: " +
      "echo 'no such fault' >&2; false end: it ended with exit code 1: no such fault",
    "--event='at=1h kill leader': the run was over before it",
  ]);
});

test("faults in force at an interrupt are reverted", async () => {
  const run = new BenchProcess([
    ...["put", "--local=3", "--rate=50", "--duration=10m", "--conns=3", "--output=json"],
    ...[`--event=at=100ms exec ${script}`, "--event=at=100ms pause etcd1"],
    ...["--event=at=100ms kill etcd2", "--event=at=9m kill etcd3"],
  ]);
  await run.until("the script was called", async () => {
    try {
      return scriptLog().length > 0;
    } catch {
      return false;
    }
  });
  run.signal("SIGINT");
  const { code, result, stderr } = measuredBy(await run.ended);
  assert.is(code, 130, stderr);
  assert.equal(scriptLog(), ["start  start ", "end  end"]);
  assert.equal(
    result.moments.filter(({ text }) => text !== null).map(({ error }) => error),
    [null, null, null],
  );
  assert.equal(result.faults, []);
});

test("a cluster that bench did not start allows scripts, and no other fault", async () => {
  const cluster: LocalCluster = await startLocalCluster({
    ...{ binary: await etcdForTests(), members: 1 },
  });
  try {
    const place = `--endpoints=${cluster.endpoints[0]}`;
    const flags = ["put", place, "--rate=100", `--duration=${patient(1)}s`];
    const refused = await bench([...flags, "--event=at=100ms kill leader"]);
    assert.is(refused.code, 2);
    assert.match(refused.stderr, /^bench: --event='at=100ms kill leader': bench did not start/m);
    const { code, stderr } = await measure([
      ...[...flags, "--event=at=100ms defrag leader"],
      `--event=at=100ms for=100ms exec ${script}`,
    ]);
    assert.is(code, 0, stderr);
    assert.is(scriptLog().length, 2);
  } finally {
    await cluster.down();
  }
});

test.run();
