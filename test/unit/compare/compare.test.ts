/** Proves comparisons: pairs, cells, verdicts, and how often simulated ones alarm. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type CompareOptions, compareRuns } from "../../../src/compare/compare.ts";
import { gatesOf, leastEffectsOf } from "../../../src/compare/from-flags.ts";
import { gateText } from "../../../src/compare/gates.ts";
import { verdictOf } from "../../../src/compare/judge-metric.ts";
import { parseComparison } from "../../../src/compare/parse.ts";
import { type Comparison, comparisonSchema } from "../../../src/compare/schema.ts";
import { BenchError } from "../../../src/errors.ts";
import { type Random, seededRandom } from "../../../src/random.ts";
import { verdictSentence } from "../../../src/report/comparison/words.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { benjaminiHochberg, holm } from "../../../src/stats/adjusted-p-values.ts";
import {
  latencyFixture,
  type Overrides,
  operationFixture,
  planFixture,
  resultFixture,
  serverFixture,
} from "../../fixtures/result-fixture.ts";
import { drawn } from "../../harness/whole-run.ts";

const OPTIONS: CompareOptions = { baseLabel: "a", headLabel: "b" };

// Runs are made by the thousand, so they share what no test changes.
const RUN = resultFixture({ server: [serverFixture()] });
const OPERATION = operationFixture();
const LATENCY = latencyFixture();

function operationOf(name: string, throughputPerSec: number, p50Ms: number, p99Ms: number) {
  const serviceTime = { ...LATENCY, p50Ms, p99Ms };
  const requests = { ...OPERATION.requests };
  return { ...OPERATION, name, throughputPerSec, requests, serviceTime };
}

/** The `at`-th run of a session, a minute after the one before. */
function runAt(at: number, rate: number, p50Ms: number, p99Ms: number): RunResult {
  return {
    ...RUN,
    id: `run${at}`,
    startedAt: new Date(Date.UTC(2026, 7, 1, 10, at)).toISOString(),
    operations: [operationOf("put", rate, p50Ms, p99Ms)],
  };
}

/** Pairs AB, BA, AB, ... of runs with noise, head slower by `factor`. */
function sidesOf(pairs: number, factor: number, noise: number, random: Random) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const noisy = (value: number) => value * Math.exp(noise * normal());
  const base: RunResult[] = [];
  const head: RunResult[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const [ofBase, ofHead] = pair % 2 === 0 ? [2 * pair, 2 * pair + 1] : [2 * pair + 1, 2 * pair];
    base.push(runAt(ofBase, noisy(10_000), noisy(1), noisy(5)));
    head.push(runAt(ofHead, noisy(10_000) / factor, noisy(1) * factor, noisy(5) * factor));
  }
  return { base, head };
}

function compared(pairs: number, factor: number, noise: number, seed: number): Comparison {
  const { base, head } = sidesOf(pairs, factor, noise, seededRandom(seed, 2));
  return compareRuns(base, head, OPTIONS);
}

const metricOf = ({ cells }: Comparison, name: string) =>
  cells[0]!.metrics.find(({ metric }) => metric === name)!;

/** Comparisons of which a share is looked at. */
const COMPARISONS = drawn({ daily: 60, whole: 200 });

test("of many comparisons of the same with itself at most one in twenty alarms", () => {
  let alarms = 0;
  for (let seed = 1; seed <= COMPARISONS; seed++) {
    // Noise far above the least effects, so that these hold no alarm back.
    const { verdict } = compared(20, 1, 0.15, seed);
    if (verdict.kind === "slower" || verdict.kind === "faster") alarms++;
  }
  assert.ok(alarms <= COMPARISONS / 20, `${alarms} alarms`);
});

test("a slowdown of 10% at 3% noise is found by 20 pairs in at least 95% of many", () => {
  let found = 0;
  for (let seed = 1; seed <= COMPARISONS; seed++) {
    const comparison = compared(20, 1.1, 0.03, seed);
    if (metricOf(comparison, "throughput").verdict === "slower") found++;
  }
  assert.ok(found >= COMPARISONS * 0.95, `${found} of ${COMPARISONS}`);
});

/** As a run of many operations has it: a whole, and parts that are mostly noisier and follow it. */
const PARTS = 16;

function manyOperations(pairs: number, factor: number, noise: number, seed: number): Comparison {
  const { base, head } = sidesOf(pairs, factor, noise, seededRandom(seed, 2));
  const random = seededRandom(seed, 3);
  const withParts = (run: RunResult): RunResult => {
    const [whole] = run.operations;
    const parts = Array.from({ length: PARTS }, (_, at) => {
      const noisier = () => Math.exp(noise * (2 * random() - 1));
      const { p50Ms, p99Ms } = whole!.serviceTime;
      const rate = whole!.throughputPerSec! / PARTS;
      return operationOf(`mixed-${at}`, rate, p50Ms! * noisier(), p99Ms! * noisier());
    });
    const workload = { ...run.plan.workload, kind: "mixed" } as RunResult["plan"]["workload"];
    const operations = [{ ...whole!, name: "mixed" }, ...parts];
    return { ...run, plan: { ...run.plan, workload }, operations };
  };
  return compareRuns(base.map(withParts), head.map(withParts), OPTIONS);
}

test("with its parts beside it a load is judged as it is without them, which the many above hold for", () => {
  const judged = ({ cells, verdict }: Comparison) => [
    verdict.kind,
    cells[0]!.metrics
      .filter(({ isGate }) => isGate)
      .map(({ metric, adjustedPValue, verdict: of }) => [metric, adjustedPValue, of]),
  ];
  for (const [factor, noise] of [
    [1, 0.15],
    [1.1, 0.03],
  ] as const) {
    for (let seed = 1; seed <= 8; seed++) {
      const alone = compared(20, factor, noise, seed);
      assert.equal(judged(manyOperations(20, factor, noise, seed)), judged(alone), `${seed}`);
    }
  }
});

test("the whole of a load is gated, its parts only by their names", () => {
  const { cells, notes, verdict } = manyOperations(12, 1.3, 0.03, 4);
  const gated = cells[0]!.metrics.filter(({ isGate }) => isGate);
  assert.equal(
    gated.map(({ operation, metric }) => `${operation} ${metric}`),
    ["mixed throughput", "mixed p50", "mixed p99"],
  );
  assert.is(verdict.kind, "slower");
  assert.match(notes.join("\n"), /The gates are of mixed; .*--gate=mixed-0:p99/);
  const { base, head } = sidesOf(12, 1, 0.03, seededRandom(1, 2));
  const named = (gate: string) =>
    compareRuns(base, head, { ...OPTIONS, gates: gatesOf(gate) }).cells[0]!.metrics.filter(
      ({ isGate }) => isGate,
    ).length;
  assert.is(named("put:p99"), 1);
  assert.throws(() => named("range:p99"), /--gate: "range" is no operation .*take of put$/);
});

test("a difference that is certain and too small to matter is no change", () => {
  const comparison = compared(20, 1.01, 0.003, 7);
  const throughput = metricOf(comparison, "throughput");
  assert.ok(throughput.adjustedPValue! < 0.05);
  assert.is(throughput.verdict, "no-change");
  assert.is(comparison.verdict.kind, "no-change");
});

test("ratios are head over base, and the direction is the metric's own", () => {
  const comparison = compared(12, 1.2, 0.01, 3);
  const [throughput, p99] = [metricOf(comparison, "throughput"), metricOf(comparison, "p99")];
  assert.ok(throughput.ratio! < 0.86 && throughput.interval95!.high < 0.9);
  assert.ok(p99.ratio! > 1.16 && p99.interval95!.low > 1.1);
  assert.equal([throughput.verdict, p99.verdict], ["slower", "slower"]);
  assert.equal(comparison.verdict, {
    kind: "slower",
    reasons: ["put throughput", "put p50", "put p99"],
  });
  assert.is(compared(12, 1 / 1.2, 0.01, 3).verdict.kind, "faster");
});

test("gates are adjusted by Holm, all else by Benjamini and Hochberg", () => {
  const { metrics } = compared(20, 1, 0.15, 8).cells[0]!;
  for (const [isGate, adjust] of [
    [true, holm],
    [false, benjaminiHochberg],
  ] as const) {
    const group = metrics.filter((metric) => metric.isGate === isGate);
    const adjusted = adjust(group.map(({ pValue }) => pValue!));
    assert.equal(
      group.map(({ adjustedPValue }) => adjustedPValue),
      adjusted,
    );
  }
});

test("no change needs both ends of the interval within the least effect", () => {
  const verdict = (low: number, high: number) =>
    verdictOf({ ratio: 1, interval90: { low, high } }, 0.5, "lower", 0.05);
  assert.is(verdict(0.97, 1.03), "no-change");
  assert.is(verdict(0.9, 1.03), "undecided");
  assert.is(verdict(0.97, 1.1), "undecided");
});

test("noise that hides the least effect leaves it undecided, and tells what would be seen", () => {
  const comparison = compared(8, 1, 0.2, 5);
  assert.is(comparison.verdict.kind, "undecided");
  const throughput = metricOf(comparison, "throughput");
  assert.is(throughput.verdict, "undecided");
  assert.ok(throughput.detectableEffect! > 0.2, String(throughput.detectableEffect));
  // 2^-3 is above 0.05 over three gates.
  assert.is(metricOf(compared(4, 1.5, 0.01, 5), "throughput").detectableEffect, null);
});

test("one run each gives ratios, the sentence, and no verdict on any metric", () => {
  const { base, head } = sidesOf(1, 2, 0.01, seededRandom(1, 1));
  const comparison = compareRuns(base, head, OPTIONS);
  assert.is(comparison.cells[0]!.design, "single");
  assert.ok(Math.abs(metricOf(comparison, "throughput").ratio! - 0.5) < 0.05);
  for (const { verdict, pValue } of comparison.cells[0]!.metrics) {
    assert.equal([verdict, pValue], [null, null]);
  }
  assert.is(comparison.verdict.kind, "undecided");
  assert.match(comparison.notes[0]!, /One run a side .* nothing of significance/);
});

test("runs that did not take turns are not tested, however many", () => {
  const { base, head } = sidesOf(10, 1.5, 0.01, seededRandom(1, 1));
  for (const [at, run] of head.entries()) {
    run.startedAt = new Date(Date.UTC(2026, 8, 1, 10, at)).toISOString();
  }
  const comparison = compareRuns(base, head, OPTIONS);
  assert.is(comparison.cells[0]!.design, "apart");
  assert.is(comparison.verdict.kind, "undecided");
  assert.match(comparison.notes[0]!, /did not take turns/);
});

test("errors, a busy client, other machines and broken runs make it invalid", () => {
  const spoil: [Overrides<RunResult>, RegExp][] = [
    [{ verdict: { kind: "errors", reasons: ["x"] } }, /1 of 12 runs had errors/],
    [{ verdict: { kind: "client-limited", reasons: ["x"] } }, /limited by the client/],
    [{ status: "interrupted" }, /did not end as planned/],
    [{ environment: { cpuModel: "Other CPU" } }, /the machines differ: .*Other CPU/],
  ];
  for (const [change, reason] of spoil) {
    const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
    const spoilt = resultFixture({ ...change, plan: undefined } as Overrides<RunResult>);
    head[2] = { ...head[2]!, verdict: spoilt.verdict, status: spoilt.status };
    head[2].environment = spoilt.environment;
    const { verdict } = compareRuns(base, head, OPTIONS);
    assert.is(verdict.kind, "invalid");
    assert.match(verdict.reasons.join("; "), reason);
  }
});

test("a canary that finds a difference is invalid: the machine drifts", () => {
  const { base, head } = sidesOf(12, 1.2, 0.01, seededRandom(2, 1));
  const { verdict } = compareRuns(base, head, { ...OPTIONS, isCanary: true });
  assert.is(verdict.kind, "invalid");
  assert.match(verdict.reasons[0]!, /same against itself differs in put throughput/);
});

test("a percentile without a hundred samples beyond it is shown and not gated", () => {
  const { base, head } = sidesOf(12, 2, 0.01, seededRandom(2, 1));
  base[3]!.operations[0]!.requests.succeeded = 9_999;
  const p99 = metricOf(compareRuns(base, head, OPTIONS), "p99");
  assert.equal([p99.isGate, p99.verdict], [false, "slower"]);
  assert.match(p99.reason!, /9999 requests, and 10000 are needed/);
});

test("latencies are no gates where the sides offer different loads", () => {
  const { base, head } = sidesOf(12, 1, 0.01, seededRandom(2, 1));
  for (const run of head) run.plan = planFixture({ load: { clients: 500 } });
  const comparison = compareRuns(base, head, OPTIONS);
  assert.is(metricOf(comparison, "p50").isGate, false);
  assert.is(metricOf(comparison, "throughput").isGate, true);
  assert.match(comparison.notes.join(), /plans differ in load.clients \(1000, 500\)/);
});

test("of folders the runs under the same load meet, and what stands alone is told", () => {
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

test("of several loads the verdict names the one that each figure is of", () => {
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

test("sides that measured nothing alike are refused, with what each has", () => {
  const reads = runAt(1, 10_000, 1, 5);
  reads.operations[0]!.name = "range-serializable";
  assert.throws(
    () => compareRuns([runAt(0, 10_000, 1, 5)], [reads], OPTIONS),
    (thrown: unknown) =>
      thrown instanceof BenchError &&
      /^a has put, and b has range-ser.*: compare runs that/.test(thrown.message),
  );
});

test("loads that share their few words are told apart by what they differ in", () => {
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

test("a comparison is what its schema says, and is read again from JSON", () => {
  const comparison = compared(6, 1.1, 0.05, 9);
  assert.equal(comparisonSchema.parse(comparison), comparison);
  assert.equal(parseComparison(JSON.parse(JSON.stringify(comparison)), "f"), comparison);
  assert.throws(() => parseComparison({ ...comparison, schemaVersion: 2 }, "f"), /schemaVersion 2/);
  assert.throws(() => parseComparison({ ...comparison, cells: 1 }, "f"), /cells/);
});

test("gates and least effects are read, or refused by their flag", () => {
  assert.equal(gatesOf("p99, mixed-range:throughput").map(gateText), [
    "p99",
    "mixed-range:throughput",
  ]);
  assert.equal(gatesOf("p99, p99").map(gateText), ["p99"]);
  assert.equal(leastEffectsOf(["p99=15%", "mean=0.2"]), { p99: 0.15, mean: 0.2 });
  for (const [act, words] of [
    [() => gatesOf("p98"), /--gate: "p98"/],
    [() => gatesOf(":p99"), /--gate: ":p99" names no operation before its colon/],
    [() => gatesOf("range:"), /--gate: "" is no metric/],
    [() => leastEffectsOf(["p99"]), /--least-effect: "p99" has no share/],
    [() => leastEffectsOf(["p99=0"]), /--least-effect/],
    [() => leastEffectsOf(["rss=5%"]), /--least-effect: "rss"/],
  ] as const) {
    assert.throws(
      act,
      (thrown: unknown) => thrown instanceof BenchError && words.test(thrown.message),
    );
  }
});

test.run();
