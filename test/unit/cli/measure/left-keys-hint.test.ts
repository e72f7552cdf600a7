/** The hint about the keys that a run leaves. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { leftKeysHint, leftKeysOfSession } from "../../../../src/cli/measure/left-keys-hint.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";
import { operationFixture, resultFixture } from "../../../fixtures/result-fixture.ts";

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

test("a run that leaves no keys prints no hint", async () => {
  assert.is(await hint("put", { cleanup: true }), null);
  assert.is(await hint("lock", {}), null);
  assert.is(await hint("lease-keepalive", {}), null);
  assert.is(await hint("kubernetes", { prefix: "" }), null);
});

test("a delete run that was ended early leaves keys that were put before it, and a whole one none", async () => {
  const { plan } = planFromFlags({ command: "delete", flags: { endpoints: "h:1" } }, {});
  const of = (status: "complete" | "interrupted" | "failed") =>
    leftKeysHint(plan, [{ ...resultFixture(), plan, status }], "x");
  assert.is(await of("complete"), null);
  assert.match((await of("interrupted"))!, /keys of this run stay/);
  assert.match((await of("failed"))!, /keys of this run stay/);
});

/** Of a run that was ended before its first request. */
async function unsentHint(command: string, flags: Record<string, string> = {}) {
  const { plan } = planFromFlags({ command, flags: { endpoints: "h:1", ...flags } }, {});
  const requests = { offered: 0, started: 0, succeeded: 0, failed: 0, dropped: 0, resent: 0 };
  const result = { ...resultFixture(), plan, operations: [operationFixture({ requests })] };
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
  assert.match((await unsentHint("put", { warmup: "1s" }))!, /keys of this run stay/);
  for (const filling of ["range", "mixed", "kubernetes", "watch-get"]) {
    assert.match((await unsentHint(filling))!, /keys of this run stay/, filling);
  }
});

test("a session's hint has its folder where a saved run left keys; without saved runs there is no hint", async () => {
  const left = resultFixture();
  const words = await leftKeysOfSession([left], "session");
  assert.match(words!, /bench clean session/);
  assert.is(await leftKeysOfSession([], "session"), null);
  const clean = { ...left, plan: { ...left.plan, cleanup: true } };
  assert.is(await leftKeysOfSession([clean], "session"), null);
});

test.run();
