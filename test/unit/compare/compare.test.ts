/** Tests comparisons: verdicts, gates, and the rate of false alarms in simulations. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns } from "../../../src/compare/compare.ts";
import { gatesOf } from "../../../src/compare/from-flags.ts";
import { verdictOf } from "../../../src/compare/judge-metric.ts";
import type { Comparison } from "../../../src/compare/schema.ts";
import { seededRandom } from "../../../src/random.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { benjaminiHochberg, holm } from "../../../src/stats/adjusted-p-values.ts";
import { formatNamed, LOADED_FORMATS } from "../../fixtures/formats.ts";
import { drawn } from "../../harness/whole-run.ts";
import { compared, metricOf, OPTIONS, operationOf, runAt, sidesOf } from "./simulated-runs.ts";

/** The number of simulated comparisons in each test of a rate. */
const COMPARISONS = drawn({ daily: 60, whole: 200 });

test("at most one in twenty comparisons of a server with itself finds a difference", () => {
  let alarms = 0;
  for (let seed = 1; seed <= COMPARISONS; seed++) {
    // Noise far above the least effects, so that they do not suppress differences.
    const { verdict } = compared(20, 1, 0.15, seed);
    if (verdict.kind === "slower" || verdict.kind === "faster") alarms++;
  }
  assert.ok(alarms <= COMPARISONS / 20, `${alarms} alarms`);
});

test("20 pairs find a slowdown of 10% at 3% noise in at least 95% of comparisons", () => {
  let found = 0;
  for (let seed = 1; seed <= COMPARISONS; seed++) {
    const comparison = compared(20, 1.1, 0.03, seed);
    if (metricOf(comparison, "throughput").verdict === "slower") found++;
  }
  assert.ok(found >= COMPARISONS * 0.95, `${found} of ${COMPARISONS}`);
});

/** The number of operations in a load. They are noisier than the load and correlate with it. */
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

test("a load with parts gets the same verdicts as without them", () => {
  const gateVerdicts = ({ cells, verdict }: Comparison) => [
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
      assert.equal(
        gateVerdicts(manyOperations(20, factor, noise, seed)),
        gateVerdicts(alone),
        `${seed}`,
      );
    }
  }
});

test("a load as a whole is a gate, and its parts only if they are named", () => {
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

test("a significant difference below the least effect is no change", () => {
  const comparison = compared(20, 1.01, 0.003, 7);
  const throughput = metricOf(comparison, "throughput");
  assert.ok(throughput.adjustedPValue! < 0.05);
  assert.is(throughput.verdict, "no-change");
  assert.is(comparison.verdict.kind, "no-change");
});

test("ratios are head over base, and each metric has its own direction", () => {
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

test("p-values of gates are adjusted by Holm, all others by Benjamini and Hochberg", () => {
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

test("the verdict no-change needs both ends of the interval within the least effect", () => {
  const verdict = (low: number, high: number) =>
    verdictOf({ ratio: 1, interval90: { low, high } }, 0.5, "lower", 0.05);
  assert.is(verdict(0.97, 1.03), "no-change");
  assert.is(verdict(0.9, 1.03), "undecided");
  assert.is(verdict(0.97, 1.1), "undecided");
});

test("with noise above the least effect the verdict is undecided, with the detectable effect", () => {
  const comparison = compared(8, 1, 0.2, 5);
  assert.is(comparison.verdict.kind, "undecided");
  const throughput = metricOf(comparison, "throughput");
  assert.is(throughput.verdict, "undecided");
  assert.ok(throughput.detectableEffect! > 0.2, String(throughput.detectableEffect));
  // The least p-value of four pairs, 2^-3, is above 0.05 / 3 gates.
  assert.is(metricOf(compared(4, 1.5, 0.01, 5), "throughput").detectableEffect, null);
});

type Bounds = RunResult["operations"][number]["serviceTime"]["atLeast"];

/** 300 of 20,000 requests failed, and p99 is only bounded. */
function withFailures(run: RunResult, atLeast: Bounds, atMost: Bounds = null): RunResult {
  const [operation] = run.operations;
  const requests = { ...operation!.requests, offered: 20_000, succeeded: 19_700, failed: 300 };
  const missing = { count: 300, histogram: "" };
  const serviceTime = { ...operation!.serviceTime, p99Ms: null, missing, atLeast, atMost };
  return { ...run, operations: [{ ...operation!, requests, serviceTime }] };
}

test("a p99 that failures made unknown is slower if its lower bounds are above all of base", () => {
  const { base, head } = sidesOf(8, 1, 0.003, seededRandom(1, 2));
  const failing = head.map((run) => withFailures(run, { p99Ms: 293 }));
  const comparison = compareRuns(base, failing, OPTIONS);
  const p99 = metricOf(comparison, "p99");
  assert.equal(comparison.verdict, { kind: "slower", reasons: ["put p99"] });
  assert.equal([p99.isGate, p99.verdict, p99.head, p99.ratio], [true, "slower", null, null]);
  assert.equal(p99.headBounds, { atLeast: 293, atMost: null });
  assert.is(p99.notKnown, "p99 of put is not known for 8 of 8 runs of b: requests failed");
  assert.match(
    comparison.notes.join(" "),
    /2,400 of 160,000 requests \(1\.5%\) of put failed in b, 0 of /,
  );
  assert.is(compareRuns(failing, base, OPTIONS).verdict.kind, "faster");
});

test("a gate that failures made unknown keeps the verdict undecided, with the reason", () => {
  const { base, head } = sidesOf(8, 1, 0.003, seededRandom(1, 2));
  const reasonOf = (failing: readonly RunResult[], gates?: string) => {
    const options = gates === undefined ? OPTIONS : { ...OPTIONS, gates: gatesOf(gates) };
    const { verdict } = compareRuns(base, failing, options);
    assert.is(verdict.kind, "undecided");
    return verdict.reasons;
  };
  const all = head.map((run) => withFailures(run, { p99Ms: 1 }));
  const reason = "p99 of put is not known for 8 of 8 runs of b: requests failed";
  assert.equal(reasonOf(all), [reason]);
  assert.equal(reasonOf(all, "p99,p50"), [reason]);
  assert.equal(reasonOf(all, "p99"), [reason]);
  const one = head.map((run, at) => (at === 3 ? withFailures(run, { p99Ms: 1 }) : run));
  assert.equal(reasonOf(one), ["p99 of put is not known for 1 of 8 runs of b: requests failed"]);
  const both = compareRuns(
    base.map((run) => withFailures(run, { p99Ms: 1 })),
    all,
    OPTIONS,
  );
  assert.is(both.verdict.kind, "undecided");
});

test("a faster gate does not outweigh one that failures made unknown", () => {
  const { base, head } = sidesOf(12, 1 / 1.3, 0.01, seededRandom(1, 2));
  const failing = head.map((run) => withFailures(run, { p99Ms: 1 }));
  const { verdict } = compareRuns(base, failing, OPTIONS);
  assert.is(verdict.kind, "undecided");
});

/** A histogram keeps what took no time as a nanosecond. */
const NO_MS = 1e-6;

test("a latency of 0 has no ratio in any format of a comparison, and makes no verdict", () => {
  const runsOf = (first: number, p50Ms: number) =>
    Array.from({ length: 8 }, (_, at) => runAt(2 * at + first, 10_000, p50Ms, 5));
  for (const [ofBase, ofHead, shown] of [
    [NO_MS, 0.19, /0 ms.*190 µs/],
    [0.19, NO_MS, /190 µs.*0 ms/],
    [NO_MS, NO_MS, /0 ms.*0 ms/],
  ] as const) {
    const comparison = compareRuns(runsOf(0, ofBase), runsOf(1, ofHead), OPTIONS);
    const p50 = metricOf(comparison, "p50");
    assert.equal([p50.ratio, p50.isGate, p50.verdict, p50.pairs], [null, false, null, []]);
    assert.is(p50.base, ofBase === NO_MS ? 0 : ofBase);
    assert.match(p50.reason!, /^it is 0 in a run/);
    assert.is(metricOf(comparison, "p99").verdict, "no-change");
    for (const format of LOADED_FORMATS.filter(({ renderComparison }) => renderComparison)) {
      const text = format.renderComparison!(comparison, { color: false, widthColumns: null });
      assert.not.match(text, /0\.00100|1e-0?6|189,?636|190,?000\.|Infinity|NaN/, format.name);
    }
    const table = formatNamed("table").renderComparison!(comparison, {
      ...{ color: false, widthColumns: null },
    });
    assert.match(table.split("\n").find((line) => line.includes(" p50 "))!, shown);
  }
});

test.run();
