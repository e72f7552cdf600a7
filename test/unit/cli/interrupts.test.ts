/** What bench prints at the first signal: what it waits for. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  endingAtSignal,
  keepHangUpIgnored,
  listenForInterrupts,
  nextSignal,
} from "../../../src/cli/interrupts.ts";
import { EXIT } from "../../../src/errors.ts";
import { ENDING_SIGNALS } from "../../../src/etcd/local-cluster/exit-cleanup.ts";
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

test("a signal that comes together with the first one does not leave at once, and a later one does", async () => {
  const { exit } = process;
  const codes: unknown[] = [];
  process.exit = ((code) => codes.push(code)) as typeof process.exit;
  const interrupts = listenForInterrupts(() => {});
  try {
    interrupts.runBegins();
    // As GNU timeout sends it, and as a terminal and npx do.
    for (const name of ["SIGTERM", "SIGTERM", "SIGINT"] as const) process.emit(name, name);
    assert.equal([interrupts.signal.aborted, codes], [true, []]);
    await until("a signal leaves at once", () => {
      process.emit("SIGTERM", "SIGTERM");
      return codes.length > 0;
    });
    assert.is(codes[0], EXIT.interrupted);
  } finally {
    process.exit = exit;
    interrupts.dispose();
  }
});

const listeners = () => ENDING_SIGNALS.map((name) => process.listenerCount(name));

test("a command that waits for a signal handles the first one, and no later one", async () => {
  const before = listeners();
  const signal = nextSignal();
  assert.equal(
    listeners(),
    before.map((count) => count + 1),
  );
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGTERM", "SIGTERM");
  assert.is(await signal, "SIGINT");
  await until("no signal is handled", () => listeners().join() === before.join());
});

test("a hang-up signal that was ignored stays ignored", async () => {
  keepHangUpIgnored({ BENCH_SIGHUP: "ignored" });
  const ignore = process.listeners("SIGHUP").at(-1)!;
  try {
    const signal = nextSignal();
    assert.is(process.listeners("SIGHUP").at(-1), ignore);
    process.emit("SIGTERM", "SIGTERM");
    assert.is(await signal, "SIGTERM");
    await until("no signal is handled", () => process.listenerCount("SIGTERM") === 0);
  } finally {
    process.off("SIGHUP", ignore);
  }
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
