/** The hint about the keys that a run leaves. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { RunResult } from "../../../src/result/schema.ts";
import { leftKeysHint, leftKeysOfSession } from "../../../src/run/left-keys-hint.ts";
import { planFromFlags } from "../../../src/workloads/catalogue.ts";
import { operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";

function hint(
  command: string,
  flags: Record<string, string | boolean>,
  saved: string | null = null,
) {
  const { plan } = planFromFlags({ command, flags: { endpoints: "h:1", ...flags } }, {});
  return leftKeysHint(plan, [], saved);
}

test("the hint has the prefix of the run's own keys, and no shorter one", async () => {
  assert.match((await hint("stm", {}))!, /bench clean --prefix=bench-stm\/ --endpoints=h:1$/);
  const kubernetes = (await hint("kubernetes", {}))!;
  assert.match(kubernetes, /bench clean --prefix=\/bench\/registry\/ --endpoints=h:1$/);
});

test("the hint has the saved results, or the flag that would have deleted the keys", async () => {
  assert.match((await hint("put", {}, "results"))!, /bench clean results --endpoints=h:1$/);
  assert.match((await hint("put", {}))!, /with --cleanup a run deletes its own/);
});

test("the command of the hint gets into the etcd as the run did, without its password", async () => {
  const flags = { endpoints: "https://h:1,https://i:2", cacert: "ca.pem", user: "root:secret" };
  assert.match(
    (await hint("put", flags, "results"))!,
    /bench clean results --endpoints=https:\/\/h:1,https:\/\/i:2 --cacert=ca\.pem --user=root$/,
  );
  const usual = { endpoints: "https://127.0.0.1:2379", "insecure-skip-tls-verify": true };
  assert.match(
    (await hint("put", usual, "results"))!,
    /results --endpoints=https:\/\/127\.0\.0\.1:2379 --insecure-skip-tls-verify$/,
  );
  assert.match((await hint("put", { endpoints: "127.0.0.1:2379" }, "results"))!, /clean results$/);
});

test("the hint speaks of --save only where the results were not to be saved", async () => {
  const result = resultOf("put", {}, 1, true);
  const hintOf = (isSaving: boolean) => leftKeysHint(result.plan, [result], null, { isSaving });
  assert.match((await hintOf(false))!, /and after --save bench clean does$/);
  assert.match((await hintOf(true))!, /with --cleanup a run deletes its own$/);
});

test("a run that leaves no keys prints no hint", async () => {
  assert.is(await hint("put", { cleanup: true }), null);
  assert.is(await hint("lock", {}), null);
  assert.is(await hint("lease-keepalive", {}), null);
  assert.is(await hint("kubernetes", { prefix: "" }), null);
});

test("a run of availability leaves keys if it puts some", async () => {
  assert.match((await hint("availability", {}))!, /bench clean --prefix=bench-availability\/ /);
  const putsNone = "range-linearizable,range-serializable,lease-keepalive,lock";
  assert.is(await hint("availability", { workload: putsNone }), null);
});

/** `hasPutKeys` null: it is a result of an earlier version. */
function resultOf(
  command: string,
  flags: Record<string, string>,
  sent: number,
  hasPutKeys: boolean | null,
): RunResult {
  const { plan } = planFromFlags({ command, flags: { endpoints: "h:1", ...flags } }, {});
  const none = { failed: 0, dropped: 0, resent: 0 };
  const requests = { offered: sent, started: sent, succeeded: sent, ...none };
  return { ...resultFixture(), plan, operations: [operationFixture({ requests })], hasPutKeys };
}

/** Of a run that was ended before its first request. */
async function unsentHint(
  command: string,
  flags: Record<string, string> = {},
  hasPutKeys: boolean | null = null,
) {
  const result = resultOf(command, flags, 0, hasPutKeys);
  const { plan } = result;
  const hints = await Promise.all([
    leftKeysHint(plan, [result], "x"),
    leftKeysOfSession([result], "x"),
    leftKeysHint(plan, [result], "x", { isFirst: false }),
  ]);
  assert.ok(hints[2] !== null, "a segment before may have put keys");
  assert.is(hints[0] === null, hints[1] === null);
  return hints[0];
}

test("a run that ended before its first request has left no keys, unless others are put before", async () => {
  assert.is(await unsentHint("put", { total: "1000000" }), null);
  assert.is(await unsentHint("put", { duration: "10s" }), null);
  assert.is(await unsentHint("stm"), null);
  assert.match((await unsentHint("put", { warmup: "1s" }))!, /what this run has put stays/);
  for (const filling of ["range", "mixed", "kubernetes", "watch-get"]) {
    assert.match((await unsentHint(filling))!, /what this run has put stays/, filling);
  }
});

test("a run that ended before its measurement has a hint if its set-up or its warm-up has put a key", async () => {
  for (const command of ["put", "delete", "range", "mixed", "watch-get"]) {
    const flags = { warmup: "1s" };
    assert.is(await unsentHint(command, flags, false), null, command);
    assert.match((await unsentHint(command, flags, true))!, /what this run has put stays/, command);
  }
});

test("a run of deletes has a hint unless it has deleted all keys that it put, also where it was ended early", async () => {
  const hintAfter = (deletes: number, flags: Record<string, string>) => {
    const result = resultOf("delete", { "key-space-size": "100", ...flags }, deletes, true);
    const statuses = ["complete", "interrupted", "failed"] as const;
    const hints = statuses.map((status) =>
      leftKeysHint(result.plan, [{ ...result, status }], null),
    );
    return Promise.all(hints);
  };
  const limits: Record<string, string>[] = [{ total: "300" }, { duration: "10s" }];
  for (const flags of limits) {
    for (const hint of await hintAfter(99, flags))
      assert.match(hint!, /what this run has put stays/);
    assert.equal(await hintAfter(100, flags), [null, null, null]);
  }
});

test("of several runs of deletes the last that has put keys decides about the hint", async () => {
  const result = (deletes: number, hasPutKeys = true) =>
    resultOf("delete", { duration: "10s", "key-space-size": "100" }, deletes, hasPutKeys);
  const hintOf = (...results: RunResult[]) => leftKeysHint(results[0]!.plan, results, null);
  assert.is(await hintOf(result(10), result(200)), null);
  assert.is(await hintOf(result(200), result(0, false)), null);
  assert.ok((await hintOf(result(200), result(10))) !== null);
  assert.ok((await hintOf(result(10), result(0, false))) !== null);
});

test("the deletes of locks take none of a transaction's keys away", async () => {
  const result = resultOf("stm", { "stm-locker": "lock-client" }, 10, true);
  assert.match((await leftKeysHint(result.plan, [result], null))!, /what this run has put stays/);
});

test("a session's hint has its folder where a saved run left keys; without saved runs there is no hint", async () => {
  const left = resultFixture();
  const words = await leftKeysOfSession([left], "session");
  assert.match(words!, /bench clean session/);
  assert.match((await leftKeysOfSession([left], null))!, /^what this run has put stays in etcd/);
  assert.is(await leftKeysOfSession([], "session"), null);
  const clean = { ...left, plan: { ...left.plan, cleanup: true } };
  assert.is(await leftKeysOfSession([clean], "session"), null);
});

test.run();
