/** Tests running phases: counts of started requests, a broken worker, and Ctrl-C. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { PhaseCommand, PhaseDoneMessage } from "../../../src/load/messages.ts";
import type { LoadPool } from "../../../src/run/load-pool.ts";
import { type PhaseOrder, PhaseRunner } from "../../../src/run/phase-runner.ts";

function rig(runPhase: (command: PhaseCommand) => Promise<PhaseDoneMessage[]>) {
  const stopped: number[] = [];
  const controller = new AbortController();
  let drained = 0;
  const phases = new PhaseRunner({
    pool: {
      ...{ startDelayNs: 0, runPhase },
      stop: (drainMs: number) => stopped.push(drainMs),
    } as unknown as LoadPool,
    workers: 3,
    timeoutMs: 700,
    stop: controller.signal,
    onDrain: () => {
      drained += 1;
    },
  });
  return { phases, stopped, abort: () => controller.abort(), drained: () => drained };
}

const order = (operation: number | "path", isMeasured = true): PhaseOrder => ({
  operation,
  requests: 10,
  durationMs: null,
  ratePerSec: null,
  isMeasured,
});
const done = (...counts: [workerIndex: number, started: number][]) =>
  counts.map(([workerIndex, started]) => ({ workerIndex, started })) as PhaseDoneMessage[];

test("each worker's started requests are kept by operation and phase, without the connection warm-up", async () => {
  const ends = [done([2, 5], [0, 4]), done([0, 1]), done([1, 9])];
  const ids: number[] = [];
  const { phases } = rig(async ({ id }) => {
    ids.push(id);
    return ends[id]!;
  });
  await phases.run(order(1));
  await phases.run(order(1));
  await phases.run(order("path"));
  assert.equal(ids, [0, 1, 2]);
  assert.equal(
    [...phases.started],
    [
      [
        1,
        [
          [4, 0, 5],
          [1, 0, 0],
        ],
      ],
    ],
  );
});

test("after a broken phase, the started requests of its operation stay unknown", async () => {
  let isBroken = true;
  const { phases } = rig(async () => {
    if (isBroken) throw new Error("broke");
    return done([0, 1]);
  });
  try {
    await phases.run(order(0));
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, "broke");
  }
  isBroken = false;
  await phases.run(order(0));
  assert.equal([...phases.started], [[0, null]]);
});

test("Ctrl-C drains a measured phase for no longer than a request may take", async () => {
  for (const isMeasured of [true, false]) {
    let end = (_: PhaseDoneMessage[]) => {};
    const { phases, stopped, abort, drained } = rig(
      () =>
        new Promise((resolve) => {
          end = resolve;
        }),
    );
    const running = phases.run(order(0, isMeasured));
    abort();
    end(done([0, 1]));
    await running;
    assert.equal(stopped, [700]);
    assert.is(drained(), isMeasured ? 1 : 0);
  }
});

test("Ctrl-C has no effect on a phase that has ended", async () => {
  const { phases, stopped, abort } = rig(async () => done([0, 1]));
  await phases.run(order(0));
  abort();
  assert.equal(stopped, []);
});

test.run();
