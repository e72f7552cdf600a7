/** A command that waits for a signal handles the first one only. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { nextSignal } from "../../../src/cli/next-signal.ts";
import { ENDING_SIGNALS } from "../../../src/etcd/local-cluster/exit-cleanup.ts";

const listeners = () => ENDING_SIGNALS.map((name) => process.listenerCount(name));

test("after the first signal no other is handled, so that a second one ends the process", async () => {
  const before = listeners();
  const signal = nextSignal();
  assert.equal(
    listeners(),
    before.map((count) => count + 1),
  );
  process.emit("SIGINT", "SIGINT");
  assert.is(await signal, "SIGINT");
  await nextTurn();
  assert.equal(listeners(), before);
});

test("a hang-up signal that was ignored stays ignored", async () => {
  const ignore = () => {};
  process.on("SIGHUP", ignore);
  try {
    const signal = nextSignal();
    assert.is(process.listeners("SIGHUP").at(-1), ignore);
    process.emit("SIGTERM", "SIGTERM");
    assert.is(await signal, "SIGTERM");
    await nextTurn();
  } finally {
    process.off("SIGHUP", ignore);
  }
});

test.run();
