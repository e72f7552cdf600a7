/** What bench prints at the first signal: what it waits for. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { endingAtSignal, listenForInterrupts } from "../../../src/cli/interrupts.ts";
import { writeFileAtomically } from "../../../src/result/atomic-file.ts";
import { until } from "../../harness/conditions.ts";

function saidBy(
  prepare: (interrupts: ReturnType<typeof listenForInterrupts>) => void,
  name: NodeJS.Signals = "SIGTERM",
): string[] {
  const said: string[] = [];
  const interrupts = listenForInterrupts((line) => said.push(line));
  try {
    prepare(interrupts);
    process.emit(name, name);
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

test("after a hang-up, which comes more than once, the line names the signals that leave at once", () => {
  const said = saidBy((interrupts) => interrupts.runBegins(), "SIGHUP");
  assert.equal(said, [
    "stopping: waiting for the requests in flight; SIGINT or SIGTERM leaves at once",
  ]);
});

test("a signal ends the wait for the reader of a pipe that an output goes to", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "bench-pipe-"));
  const pipe = path.join(folder, "pipe");
  spawnSync("mkfifo", [pipe]);
  const before = process.listenerCount("SIGTERM");
  const interrupts = listenForInterrupts(() => {});
  try {
    interrupts.runBegins();
    interrupts.outputsBegin();
    let isWaiting = false;
    const written = endingAtSignal((signal) =>
      writeFileAtomically(
        pipe,
        "text",
        () => {
          isWaiting = true;
        },
        signal,
      ),
    );
    const outcome = written.then(
      () => "written",
      (cause: Error) => cause.message,
    );
    await until("the wait for a reader", () => isWaiting);
    process.emit("SIGTERM", "SIGTERM");
    assert.match(await outcome, /the pipe has no reader, and a signal ended the wait/);
  } finally {
    interrupts.dispose();
    rmSync(folder, { recursive: true });
  }
  assert.is(process.listenerCount("SIGTERM"), before);
});

test.run();
