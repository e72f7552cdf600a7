/** Tests which runs of a session that broke off count in a comparison. */
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

test("a run without a partner is left out, and so is the partner of an interrupted run", () => {
  const a = [run(1), run(2), run(3), run(4)];
  const b = [run(1), run(2, "interrupted"), run(3)];
  const complete = completePairs(a, b);
  assert.equal(ids(complete.base), ids([a[0]!, a[2]!]));
  assert.equal(ids(complete.head), ids([b[0]!, b[2]!]));
  assert.equal([complete.pairs, complete.leftOut], [2, 3]);
});

test("a pair of several runs per arm needs all its runs, and interrupted runs never count", () => {
  const a = [run(1), run(1), run(2), run(2)];
  const b = [run(1), run(1), run(1, "interrupted"), run(2)];
  const complete = completePairs(a, b);
  assert.equal(ids(complete.base), ids(a.slice(0, 2)));
  assert.equal(ids(complete.head), ids(b.slice(0, 2)));
  assert.equal([complete.pairs, complete.leftOut], [1, 4]);
});

test("a failed run counts, and is not left out: it makes the comparison invalid", () => {
  const complete = completePairs([run(1)], [run(1, "failed")]);
  assert.equal([complete.pairs, complete.leftOut], [1, 0]);
});

test("runs without a session all count", () => {
  const complete = completePairs([run(null), run(null, "interrupted")], [run(null)]);
  assert.equal([complete.base.length, complete.head.length, complete.pairs], [2, 1, 0]);
});

test("a comparison uses the complete pairs if an arm has more runs, and adds a note", () => {
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
