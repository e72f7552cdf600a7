/** Runs `bench watch-get` on a real etcd: watchers catch up while gets continue. */
import * as assert from "uvu/assert";
import type { OperationResult, RunResult } from "../../src/result/schema.ts";
import { onEachEtcd } from "../etcd/each-etcd.ts";
import { readStored } from "../etcd/stored-keys.ts";
import { measure } from "../harness/bench-process.ts";

function named(result: RunResult, name: string): OperationResult {
  const operation = result.operations.find((each) => each.name === name);
  assert.ok(operation, `${name} is in ${result.operations.map((each) => each.name)}`);
  return operation!;
}

onEachEtcd("watch-get", {}, (test, etcd) => {
  test("each watcher receives the whole history while gets continue", async () => {
    const before = (await readStored(etcd.endpoint)).revision;
    const flags = ["--watchers=303", "--streams=7", "--events=20", "--conns=3", "--clients=4"];
    const more = ["--workers=2", "--warmup=50"];
    const run = await measure(["watch-get", `--endpoints=${etcd.endpoint}`, ...flags, ...more]);
    assert.is(run.code, 0, `${run.stderr}\n${JSON.stringify(run.result.verdict)}`);
    const succeeded = ["watch-catch-up", "watch-synced", "watch-create"].map(
      (name) => named(run.result, name).requests.succeeded,
    );
    assert.equal(succeeded, [6_060, 303, 303]);
    assert.equal(named(run.result, "watch-catch-up").counters, {});
    assert.ok(named(run.result, "watch-get").requests.succeeded > 0);
    assert.is((await readStored(etcd.endpoint)).revision, before + 20);
  });

  test("a total of gets does not end the catch-up early", async () => {
    const flags = ["--watchers=200", "--total=1", "--prefix=t"];
    const { result, code } = await measure(["watch-get", `--endpoints=${etcd.endpoint}`, ...flags]);
    assert.is(code, 0, JSON.stringify(result.verdict));
    assert.is(named(result, "watch-get").requests.succeeded, 1);
    assert.is(named(result, "watch-catch-up").requests.succeeded, 1_600);
  });
});
