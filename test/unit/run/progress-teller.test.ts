/** What a run tells of itself while it goes on. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Interval } from "../../../src/result/schema.ts";
import type { RunProgress } from "../../../src/run/progress.ts";
import { ProgressTeller } from "../../../src/run/progress-teller.ts";
import { planFixture } from "../../fixtures/result-fixture.ts";

const SECOND: Interval = {
  startSeconds: 0,
  durationSeconds: 1,
  succeeded: 400,
  failed: 0,
  minMs: 1,
  meanMs: 1,
  p50Ms: 1,
  p99Ms: 7,
  maxMs: 9,
  responseP99Ms: null,
  atLeast: null,
  receivedKeys: null,
  receivedBytes: null,
};

function tellerOf(
  limits: { totalRequests: number | null; durationMs: number | null },
  operations = 1,
) {
  const told: RunProgress[] = [];
  const teller = new ProgressTeller(planFixture({ limits }), operations, (one) => told.push(one));
  return { teller, told };
}

test("each change of phase is told, with the counts so far", () => {
  const { teller, told } = tellerOf({ totalRequests: 1_000, durationMs: null });
  teller.enter("opening");
  teller.enter("measuring");
  teller.tell([{ succeeded: 400, failed: 100 }], SECOND);
  teller.enter("draining");
  assert.equal(
    told.map(({ phase, succeeded, failed, fraction }) => [phase, succeeded, failed, fraction]),
    [
      ["opening", 0, 0, 0],
      ["measuring", 0, 0, 0],
      ["measuring", 400, 100, 0.5],
      ["draining", 400, 100, 0.5],
    ],
  );
  const { ratePerSec, p99Ms, secondsLeft } = told[2]!;
  assert.equal([ratePerSec, p99Ms, secondsLeft], [400, 7, 1]);
  for (const { elapsedSeconds } of told) assert.ok(elapsedSeconds >= 0);
});

test("what is done is by requests or time, whichever is further, and never above all", () => {
  const { teller, told } = tellerOf({ totalRequests: 1_000, durationMs: 10_000 });
  teller.tell([{ succeeded: 50, failed: 0 }], SECOND);
  assert.is(told.at(-1)!.fraction, 0.1);
  teller.tell([{ succeeded: 500, failed: 0 }], SECOND);
  assert.is(told.at(-1)!.fraction, 0.5);
  teller.tell([{ succeeded: 1_500, failed: 0 }], SECOND);
  assert.equal([told.at(-1)!.fraction, told.at(-1)!.secondsLeft], [1, 0]);
});

test("two operations share the whole", () => {
  const { teller, told } = tellerOf({ totalRequests: 1_000, durationMs: null }, 2);
  teller.tell(
    [
      { succeeded: 400, failed: 100 },
      { succeeded: 500, failed: 0 },
    ],
    SECOND,
  );
  assert.is(told[0]!.fraction, 0.5);
  const timed = tellerOf({ totalRequests: null, durationMs: 5_000 }, 2);
  timed.teller.tell([{ succeeded: 1, failed: 0 }], SECOND);
  assert.is(timed.told[0]!.fraction, 0.1);
});

test("what is set up once is counted, and is no part of the whole", () => {
  const { teller, told } = tellerOf({ totalRequests: 100, durationMs: 10_000 });
  const setUp = { succeeded: 700, failed: 0 };
  const load = { succeeded: 0, failed: 0 };
  teller.tell([setUp, load], SECOND, null);
  assert.equal([told[0]!.succeeded, told[0]!.fraction, told[0]!.secondsLeft], [700, 0, null]);
  load.succeeded = 20;
  teller.tell([setUp, load], SECOND, [load]);
  assert.equal([told[1]!.succeeded, told[1]!.fraction, told[1]!.secondsLeft], [720, 0.2, 4]);
});

test("the rate is the last interval's own, however long it was", () => {
  const { teller, told } = tellerOf({ totalRequests: null, durationMs: 10_000 });
  teller.tell([{ succeeded: 400, failed: 0 }], { ...SECOND, durationSeconds: 0.5 });
  teller.tell([{ succeeded: 400, failed: 0 }], { ...SECOND, durationSeconds: 0 });
  assert.equal(
    told.map(({ ratePerSec }) => ratePerSec),
    [800, null],
  );
});

test("where nobody listens nothing happens", () => {
  const teller = new ProgressTeller(planFixture(), 1);
  teller.enter("opening");
  teller.tell([{ succeeded: 1, failed: 0 }], SECOND);
});

test.run();
