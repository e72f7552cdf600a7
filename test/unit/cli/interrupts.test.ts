/** What bench prints at the first signal: what it waits for. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { listenForInterrupts } from "../../../src/cli/interrupts.ts";

function saidBy(prepare: (interrupts: ReturnType<typeof listenForInterrupts>) => void): string[] {
  const said: string[] = [];
  const interrupts = listenForInterrupts((line) => said.push(line));
  try {
    prepare(interrupts);
    process.emit("SIGTERM");
    assert.is(interrupts.signal.aborted, true);
  } finally {
    interrupts.dispose();
  }
  return said;
}

test("at the first signal a run waits for its requests, and after the run for its outputs", () => {
  const running = saidBy((interrupts) => interrupts.runBegins());
  assert.equal(running, ["stopping: waiting for the requests in flight; once more leaves at once"]);
  const writing = saidBy((interrupts) => {
    interrupts.runBegins();
    interrupts.outputsBegin();
  });
  assert.equal(writing, ["stopping: writing the results; once more leaves at once"]);
});

test.run();
