/** The hint about the keys that a run leaves. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { leftKeysHint, leftKeysOfSession } from "../../../../src/cli/measure/left-keys-hint.ts";
import { planFromFlags } from "../../../../src/workloads/catalogue.ts";
import { resultFixture } from "../../../fixtures/result-fixture.ts";

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

test("a session's hint has its folder where a saved run left keys; without saved runs there is no hint", async () => {
  const left = resultFixture();
  const words = await leftKeysOfSession([left], "session");
  assert.match(words!, /bench clean session/);
  assert.is(await leftKeysOfSession([], "session"), null);
  const clean = { ...left, plan: { ...left.plan, cleanup: true } };
  assert.is(await leftKeysOfSession([clean], "session"), null);
});

test.run();
