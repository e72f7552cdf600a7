/** Tests which loads of two folders a comparison holds against each other, and what it calls them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { withCommonNames } from "../../../src/compare/common-names.ts";
import { compareRuns } from "../../../src/compare/compare.ts";
import type { Comparison } from "../../../src/compare/schema.ts";
import { BenchError } from "../../../src/errors.ts";
import { seededRandom } from "../../../src/random.ts";
import { verdictSentence } from "../../../src/report/comparison/words.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { type Overrides, planFixture } from "../../fixtures/result-fixture.ts";
import { OPTIONS, runAt, sidesOf } from "./simulated-runs.ts";

test("the name of a cell has only what both arms have in common, and its data the base's load", () => {
  const { base, head } = sidesOf(3, 1, 0.01, seededRandom(2, 1));
  const comparedTo = (plan: Overrides<RunResult["plan"]>) => {
    for (const run of head) run.plan = planFixture(plan);
    return compareRuns(base, head, OPTIONS);
  };
  const nameOf = (comparison: Comparison) => withCommonNames(comparison).cells[0]!.name;
  const workload = {
    ...planFixture().workload,
    valSizeBytes: 4096,
  } as RunResult["plan"]["workload"];
  const load = { clients: 40 };
  const pacing = { ratePerSec: 200 };
  assert.is(nameOf(comparedTo({})), "put value 256 B conns=100 clients=1000");
  assert.is(nameOf(comparedTo({ load })), "put value 256 B conns=100");
  assert.is(nameOf(comparedTo({ pacing })), "put value 256 B conns=100 clients=1000");
  assert.is(nameOf(comparedTo({ load: { ...load, connections: 4 } })), "put value 256 B");
  for (const run of base) run.plan = planFixture({ pacing: { ratePerSec: 100 } });
  assert.is(nameOf(comparedTo({ pacing })), "put value 256 B conns=100 clients=1000");
  const different = comparedTo({ load, workload, pacing });
  assert.is(nameOf(different), "put conns=100");
  assert.is(different.cells[0]!.name, "put value 256 B conns=100 clients=1000 100/s");
  for (const [name, heading] of [
    ["table", /^put conns=100, 3 pairs$/m],
    ["markdown", /^.*put conns=100, 3 pairs/m],
    ["html", /put conns=100, 3 pairs/],
    ["junit", /"bench compare put conns=100"/],
    ["benchstat", /^BenchmarkPut\/conns=100 /m],
  ] as const) {
    const options = { color: false, widthColumns: null };
    const text = formatNamed(name).renderComparison!(different, options);
    assert.match(text, heading);
    assert.not.match(text, /clients=1000|value 256 B/, name);
  }
});

test("folders are compared load by load, and loads of only one arm are named", () => {
  const load = (run: RunResult, clients: number, at: number) => ({
    ...run,
    id: `${run.id}-${clients}`,
    startedAt: new Date(Date.UTC(2026, 7, 2, clients, at)).toISOString(),
    plan: planFixture({ load: { clients } }),
  });
  const both = sidesOf(6, 1.3, 0.01, seededRandom(4, 1));
  const side = (runs: RunResult[], offset: number, ...clients: number[]) =>
    clients.flatMap((each) => runs.map((run, at) => load(run, each, 2 * at + offset)));
  const comparison = compareRuns(
    side(both.base, 0, 10, 20),
    side(both.head, 1, 10, 20, 5),
    OPTIONS,
  );
  assert.equal(
    comparison.cells.map(({ name, pairs }) => [name, pairs]),
    [
      ["put value 256 B conns=100 clients=10", 6],
      ["put value 256 B conns=100 clients=20", 6],
    ],
  );
  assert.match(comparison.notes.join(), /Only in b, not in a: .*clients=5/);
  assert.throws(
    () => compareRuns(side(both.base, 0, 10, 20), side(both.head, 1, 5), OPTIONS),
    (thrown: unknown) =>
      thrown instanceof BenchError && /no run in a has its like/.test(thrown.message),
  );
});

test("with several loads, the verdict names the load of each figure", () => {
  const { base, head } = sidesOf(12, 1.3, 0.03, seededRandom(5, 2));
  const [quietBase, quietHead] = [sidesOf(12, 1, 0.03, seededRandom(6, 2))].flatMap((sides) =>
    [sides.base, sides.head].map((runs) =>
      runs.map((run) => ({ ...run, plan: planFixture({ load: { clients: 7 } }) })),
    ),
  ) as [RunResult[], RunResult[]];
  const comparison = compareRuns([...base, ...quietBase], [...head, ...quietHead], OPTIONS);
  const load = "put value 256 B conns=100 clients=1000";
  assert.equal(comparison.verdict, {
    kind: "slower",
    reasons: [`${load}: put throughput`, `${load}: put p50`, `${load}: put p99`],
  });
  assert.match(verdictSentence(comparison), /^slower: put value .* clients=1000: put requests/);
});

test("arms without a common operation are refused, with the operations of each", () => {
  const reads = runAt(1, 10_000, 1, 5);
  reads.operations[0]!.name = "range-serializable";
  assert.throws(
    () => compareRuns([runAt(0, 10_000, 1, 5)], [reads], OPTIONS),
    (thrown: unknown) =>
      thrown instanceof BenchError &&
      /^a has put, and b has range-ser.*: compare runs that/.test(thrown.message),
  );
});

test("loads with the same short name are distinguished by the field that differs", () => {
  const of = (at: number, keySizeBytes: number) => {
    const run = runAt(at, 10_000, 1, 5);
    return { ...run, plan: planFixture({ workload: { keys: { keySizeBytes } } }) };
  };
  const { cells } = compareRuns([of(0, 8), of(1, 64)], [of(2, 8), of(3, 64)], OPTIONS);
  assert.equal(
    cells.map(({ name }) => name),
    [8, 64].map((size) => `put value 256 B conns=100 clients=1000 keySizeBytes=${size}`),
  );
});

test.run();
