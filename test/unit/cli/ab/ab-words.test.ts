/** The lines of an A/B session: what it can prove, its progress, and invalid comparisons. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  gatesLine,
  invalidLine,
  noiseSoFar,
  pairLine,
  planLines,
} from "../../../../src/cli/ab/ab-words.ts";
import { compareRuns } from "../../../../src/compare/compare.ts";
import { gatesOf } from "../../../../src/compare/from-flags.ts";
import { availabilityOf } from "../../../fixtures/availability-fixture.ts";
import {
  latencyFixture,
  operationFixture,
  resultFixture,
} from "../../../fixtures/result-fixture.ts";

const THROUGHPUT = { metric: "throughput", leastEffect: 0.03 } as const;
const P50 = { metric: "p50", leastEffect: 0.05 } as const;
const P99 = { metric: "p99", leastEffect: 0.1 } as const;

const PLANNED = {
  pairs: 20,
  donePairs: 0,
  warmupPairs: 0,
  first: "a",
  gates: [THROUGHPUT, P50, P99],
  isSure: true,
  noise: null,
  time: { ms: 5_000, unknownRuns: 1, isMost: false },
} as const;

const runOf = (throughputPerSec: number, at = 0) =>
  resultFixture({
    id: `run${at}`,
    startedAt: new Date(Date.UTC(2026, 7, 1, 10, at)).toISOString(),
    operations: [
      operationFixture({ throughputPerSec, serviceTime: latencyFixture({ p50Ms: 1, p99Ms: 5 }) }),
    ],
  });

test("the plan is printed first, with the noise as a guess or as not known yet", () => {
  const [runs, unknown] = planLines(PLANNED);
  assert.match(runs!, /^plan: 20 pairs, 40 runs; .* a in the first pair \(by lot\)$/);
  assert.match(
    unknown!,
    /^plan: a difference of the least effect \(throughput 3%, p50 5%, p99 10%\) and 1\.1\d times the noise is found in four of five experiments or more/,
  );
  assert.match(unknown!, /3 gates by Holm/);
  const [more, guessed] = planLines({ ...PLANNED, noise: 0.03, warmupPairs: 1, first: "b" });
  assert.match(more!, /20 pairs, and 1 pair before them, 42 runs; .* b in the first pair/);
  assert.match(
    guessed!,
    /by 3% \(--noise, a guess\), a difference of [34]\.\d% \(throughput\), [567]\.\d% \(p50\) or 1[01]\.\d% \(p99\) is found in four of five/,
  );
});

test("the difference that is planned knows the least effect of its gate", () => {
  const ofNoise = (leastEffect: number, noise: number) =>
    planLines({ ...PLANNED, gates: [{ ...P50, leastEffect }], noise })[1]!;
  assert.match(ofNoise(0.05, 0.01), / a difference of 5\.\d% \(p50\) is found .*\(1 gate\)/);
  assert.match(ofNoise(0.2, 0.01), / a difference of 20\.\d% \(p50\) is found /);
});

test("the estimated time of all pairs is printed where it is known", () => {
  const time = { ms: 220_500, unknownRuns: 0, isMost: false };
  const [left] = planLines({ ...PLANNED, donePairs: 12 });
  assert.match(left!, /^plan: 20 pairs, 12 of them done, 16 runs/);
  const [runs] = planLines({ ...PLANNED, warmupPairs: 1, time });
  assert.match(runs!, /, 42 runs, about 3m41s; /);
  const [most] = planLines({ ...PLANNED, time: { ...time, isMost: true } });
  assert.match(most!, /, 40 runs, at most 3m41s; /);
});

test("the gates are printed again if the first pair has another number of them", () => {
  const [base, head] = [runOf(10_000), runOf(10_100, 1)];
  const first = compareRuns([base], [head], { baseLabel: "a", headLabel: "b" });
  assert.is(gatesLine(first, PLANNED), null);
  assert.match(
    gatesLine(first, { ...PLANNED, gates: [P50] })!,
    /^plan: a difference of the least effect .* 1\.1\d times .*\(3 gates by Holm\)/,
  );
});

test("gates that the requests may not carry are planned as the most there can be", () => {
  const [, line] = planLines({ ...PLANNED, isSure: false });
  assert.match(line!, /\(up to 3 gates by Holm; the first pair shows whether there are fewer\)/);
  const [, none] = planLines({ ...PLANNED, gates: [] });
  assert.match(none!, /^plan: no gate can be judged: the runs have too few requests/);
});

test("too few pairs are reported, with the number of pairs that is needed", () => {
  const [, few] = planLines({ ...PLANNED, pairs: 4 });
  assert.match(
    few!,
    /^plan: 4 pairs cannot prove a difference, however large .*it takes 7\), nor /,
  );
  const [, six] = planLines({ ...PLANNED, pairs: 6 });
  assert.match(six!, /that there is none they can$/);
  const [, alone] = planLines({ ...PLANNED, pairs: 6, gates: [P50] });
  assert.match(alone!, /^plan: a difference of .*\(1 gate\)/);
});

test("a pair's line has the figures of both arms and the time left", () => {
  const runs = { a: runOf(12_345), b: runOf(12_700) };
  assert.is(
    pairLine(3, 20, runs, 260_200),
    "pair 3 of 20: put: a 12,345/s, p99 5.00 ms; b 12,700/s, p99 5.00 ms; about 4m21s left",
  );
  assert.not.match(pairLine(20, 20, runs, 0), /left/);
});

test("a workload with parts shows the figure of the whole, or of its largest part", () => {
  const ofParts = (kind: string, ...parts: [string, number, number][]) =>
    resultFixture({
      plan: { workload: { kind } },
      operations: parts.map(([name, throughputPerSec, succeeded]) =>
        operationFixture({ name, throughputPerSec, requests: { succeeded } }),
      ),
    });
  const lineOf = (run: ReturnType<typeof ofParts>) => pairLine(1, 2, { a: run, b: run }, 0);
  assert.match(
    lineOf(ofParts("put", ["put-create", 5, 900], ["put", 7, 100])),
    /: put: a 7\.00\/s/,
  );
  assert.match(
    lineOf(ofParts("watch", ["watch-create", 5, 10], ["watch-delivery", 7, 900])),
    /watch-delivery: a/,
  );
});

test("the first pairs show the noise, and the difference that all pairs will detect", () => {
  const base = [10_000, 10_100, 9_900].map((rate, at) => runOf(rate, 2 * at));
  const head = [10_050, 9_950, 10_000].map((rate, at) => runOf(rate, 2 * at + 1));
  const soFar = compareRuns(base, head, {
    baseLabel: "a",
    headLabel: "b",
    gates: gatesOf("throughput"),
  });
  const [line, ...others] = noiseSoFar(soFar, 20);
  assert.equal(others, []);
  assert.match(
    line!,
    /^noise of put requests\/s by the first 3 pairs: about 0?\.?\d[\d.]*%, so that all 20 see/,
  );
  const below = { ...soFar, cells: structuredClone(soFar.cells) };
  for (const { metrics } of below.cells) for (const each of metrics) each.leastEffect = 0.9;
  assert.match(
    noiseSoFar(below, 20)[0]!,
    /so that all 20 see a difference of about 9\d\.\d% in four/,
  );
  assert.match(noiseSoFar(soFar, 4)[0]!, /4 pairs cannot prove a difference$/);
});

test("a run that makes the comparison invalid is reported, and a run that the user ended is not", () => {
  const verdict = { kind: "errors", reasons: ["12 of 100 failed"] } as const;
  const line = invalidLine(
    "b",
    resultFixture({ verdict: { ...verdict, reasons: [...verdict.reasons] } }),
  );
  assert.match(line!, /^note: a run of b is not valid \(errors; 12 of 100 failed\)/);
  assert.match(invalidLine("a", resultFixture({ status: "failed" }))!, /not valid \(failed/);
  const before = invalidLine("a", resultFixture({ status: "failed" }), false)!;
  assert.match(before, /^note: a run of a before the pairs is not valid \(failed\b.*not judged/);
  assert.is(invalidLine("a", resultFixture()), null);
  // A comparison counts it, and is not invalid because of it.
  const { writes } = availabilityOf(0);
  const lost = resultFixture({
    verdict: { kind: "errors", reasons: ["2 acknowledged writes lost"] },
  });
  lost.availability = availabilityOf(0, { writes: { ...writes!, lost: 2 } });
  assert.is(invalidLine("a", lost), null);
  assert.is(
    invalidLine(
      "a",
      resultFixture({ status: "interrupted", verdict: { kind: "errors", reasons: [] } }),
    ),
    null,
  );
});

test.run();
