/** Which runs of a session count where it broke off, and that a comparison is made of these alone. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns } from "../../../src/compare/compare.ts";
import { completePairs } from "../../../src/compare/complete-pairs.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

let minute = 0;
const run = (pair: number | null, status: RunResult["status"] = "complete") =>
  resultFixture({
    id: `run${minute}`,
    startedAt: new Date(Date.UTC(2026, 7, 1, 10, minute++)).toISOString(),
    status,
    plan: planFixture({ labels: pair === null ? {} : { session: "s", pair: String(pair) } }),
  });
const ids = (runs: readonly RunResult[]) => runs.map(({ id }) => id);

test("a run without its partner is left out, and so is the partner of one that broke off", () => {
  const a = [run(1), run(2), run(3), run(4)];
  const b = [run(1), run(2, "interrupted"), run(3)];
  const complete = completePairs(a, b);
  assert.equal(ids(complete.base), ids([a[0]!, a[2]!]));
  assert.equal(ids(complete.head), ids([b[0]!, b[2]!]));
  assert.equal([complete.pairs, complete.leftOut], [2, 3]);
});

test("of a pair of several runs a side, all must be there, and what broke off is never among them", () => {
  const a = [run(1), run(1), run(2), run(2)];
  const b = [run(1), run(1), run(1, "interrupted"), run(2)];
  const complete = completePairs(a, b);
  assert.equal(ids(complete.base), ids(a.slice(0, 2)));
  assert.equal(ids(complete.head), ids(b.slice(0, 2)));
  assert.equal([complete.pairs, complete.leftOut], [1, 4]);
});

test("a run that failed counts: it makes the comparison invalid, and is not passed over", () => {
  const complete = completePairs([run(1)], [run(1, "failed")]);
  assert.equal([complete.pairs, complete.leftOut], [1, 0]);
});

test("runs of no session count as they are", () => {
  const complete = completePairs([run(null), run(null, "interrupted")], [run(null)]);
  assert.equal([complete.base.length, complete.head.length, complete.pairs], [2, 1, 0]);
});

test("a comparison pairs the whole ones, although a side has more runs, and says so", () => {
  const base: RunResult[] = [];
  const head: RunResult[] = [];
  for (const pair of [1, 2, 4]) {
    base.push(run(pair));
    head.push(run(pair));
    if (pair === 2) base.push(run(3));
  }
  const comparison = compareRuns(base, head, { baseLabel: "a", headLabel: "b" });
  const [cell] = comparison.cells;
  assert.equal([cell!.design, cell!.pairs, cell!.invalid], ["pairs", 3, []]);
  assert.is(comparison.base.resultIds.length, 3);
  assert.ok(comparison.notes.includes("1 run of a pair that broke off is left out."));
});

test.run();
