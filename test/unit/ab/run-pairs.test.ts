/** The order of a session's runs, and what becomes of it when it is ended in the middle. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type PairsToRun, runPairs } from "../../../src/ab/run-pairs.ts";
import { type SideName, turnsOf } from "../../../src/ab/turns.ts";
import { usageError } from "../../../src/errors.ts";

const PLANNED: PairsToRun = { pairs: 4, done: 0, warmupPairs: 0, isAFirst: true, nextPair: 1 };

/** What was measured, as `a1`, or `a-` where it is thrown away; `onRun` hears of each. */
async function carriedOut(
  given: Partial<PairsToRun>,
  onRun = (_: string, __: AbortController) => {},
) {
  const runs: string[] = [];
  const told: number[] = [];
  const abort = new AbortController();
  const failure = await runPairs(
    { ...PLANNED, ...given },
    {
      async measure(side: SideName, pair: number | null) {
        runs.push(`${side}${pair ?? "-"}`);
        onRun(runs.at(-1)!, abort);
      },
      onPair: (done) => told.push(done),
      stop: abort.signal,
    },
  );
  return { runs: runs.join(" "), told, failure };
}

test("each side goes first in turn, beginning with the one that the lot says", async () => {
  assert.equal(await carriedOut({}), {
    runs: "a1 b1 b2 a2 a3 b3 b4 a4",
    told: [1, 2, 3, 4],
    failure: null,
  });
  const { runs } = await carriedOut({ isAFirst: false, pairs: 3 });
  assert.is(runs, "b1 a1 a2 b2 b3 a3");
});

test("a drift that is even weighs on both sides alike over any even number of pairs", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.boolean(), (half, isAFirst) => {
      let lead = 0;
      for (let pair = 0; pair < 2 * half; pair++) {
        const order = turnsOf(pair, isAFirst);
        assert.equal([...order].sort(), ["a", "b"]);
        for (const [at, side] of order.entries()) lead += (side === "a" ? 1 : -1) * (2 * pair + at);
      }
      assert.is(lead, 0);
    }),
  );
});

test("warm-up pairs come first and are known by no number", async () => {
  const { runs, told } = await carriedOut({ warmupPairs: 2, pairs: 2 });
  assert.is(runs, "a- b- b- a- a1 b1 b2 a2");
  assert.equal(told, [1, 2]);
});

test("a session that is gone on with keeps to the order, under numbers that nothing has", async () => {
  const { runs, told } = await carriedOut({ done: 1, nextPair: 3, pairs: 3 });
  assert.is(runs, "b3 a3 a4 b4");
  assert.equal(told, [2, 3]);
});

test("a stop ends it behind the run that is under way, and tells of whole pairs alone", async () => {
  for (const [last, told] of [
    ["a1", []],
    ["b2", [1]],
    ["b1", []],
  ] as const) {
    const end = await carriedOut({}, (run, abort) => {
      if (run === last) abort.abort();
    });
    assert.ok(end.runs.endsWith(last), end.runs);
    assert.equal([end.told, end.failure], [told, null]);
  }
});

test("what keeps it from going on is handed back, and a defect is thrown on", async () => {
  const { told, failure } = await carriedOut({}, (run) => {
    if (run === "a2") throw usageError("no etcd there");
  });
  assert.equal(told, [1]);
  assert.is(failure?.message, "no etcd there");
  try {
    await carriedOut({}, () => {
      throw new TypeError("a defect");
    });
  } catch (error) {
    assert.instance(error, TypeError);
    return;
  }
  assert.unreachable("the defect was swallowed");
});

test.run();
