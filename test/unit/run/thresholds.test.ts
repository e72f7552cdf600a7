/** Tests whether the requests of a run prove a threshold held or broken, or leave it undecided. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseThreshold } from "../../../src/flags/threshold.ts";
import type { Threshold } from "../../../src/plan/schema.ts";
import type { OperationResult } from "../../../src/result/schema.ts";
import { checkThresholds } from "../../../src/run/thresholds.ts";
import { initHistograms, LatencyHistogram } from "../../../src/stats/histogram.ts";
import { toLatency } from "../../../src/stats/latency.ts";
import {
  latencyFixture,
  type Overrides,
  operationFixture,
  thresholdFixture,
} from "../../fixtures/result-fixture.ts";
import { cases } from "../../harness/whole-run.ts";

test.before(initHistograms);

const LATENCY = {
  meanMs: 10,
  stddevMs: 12,
  p50Ms: 9,
  p90Ms: 20,
  p95Ms: 30,
  p99Ms: 40,
  p999Ms: 50,
  maxMs: 60,
};

function measured(overrides: Overrides<OperationResult> = {}): OperationResult {
  return operationFixture({
    serviceTime: LATENCY,
    responseTime: null,
    throughputPerSec: 5_000,
    requests: { offered: 1_000, started: 1_000, succeeded: 990, failed: 10, dropped: 0 },
    ...overrides,
  });
}

function check(expression: string, ...operations: OperationResult[]) {
  const threshold: Threshold = parseThreshold("--threshold", expression);
  const [checked] = checkThresholds([threshold], operations);
  assert.is(checked!.expression, expression);
  return [checked!.actual, checked!.passed];
}

test("each metric is compared with its figure", () => {
  const figures: [metric: string, actual: number, unit: string][] = [
    ["p50", 9, "ms"],
    ["p90", 20, "ms"],
    ["p95", 30, "ms"],
    ["p99", 40, "ms"],
    ["p999", 50, "ms"],
    ["mean", 10, "ms"],
    ["stddev", 12, "ms"],
    ["max", 60, "ms"],
    ["qps", 5_000, ""],
    ["errors", 1, "%"],
  ];
  for (const [metric, figure, unit] of figures) {
    const actual = metric === "errors" ? 0.01 : figure;
    assert.equal(check(`${metric}<=${figure}${unit}`, measured()), [actual, true], metric);
    assert.equal(check(`${metric}<${figure}${unit}`, measured()), [actual, false], metric);
    assert.equal(check(`${metric}>=${figure}${unit}`, measured()), [actual, true], metric);
    assert.equal(check(`${metric}>${figure}${unit}`, measured()), [actual, false], metric);
    assert.equal(check(`${metric}<${figure * 2}${unit}`, measured()), [actual, true], metric);
    assert.equal(check(`${metric}>${figure / 2}${unit}`, measured()), [actual, true], metric);
  }
});

test("thresholds on latencies of a paced run use response times", () => {
  const paced = measured({ responseTime: latencyFixture({ ...LATENCY, p99Ms: 400 }) });
  assert.equal(check("p99<100ms", paced), [400, false]);
});

test("an unknown figure is decided by its bounds", () => {
  // The p99 is 40 ms and the maximum 60 ms, so the p99.9 is between them.
  const short = measured({ serviceTime: { ...LATENCY, p999Ms: null }, throughputPerSec: null });
  assert.equal(check("p999<1s", short), [null, true]);
  assert.equal(check("p999>1us", short), [null, true]);
  assert.equal(check("p999<30ms", short), [null, false]);
  assert.equal(check("p999<50ms", short), [null, false]);
  assert.equal(check("qps>0", short), [null, false]);
  assert.equal(check("p99<1s"), [null, false]);
  const outcomeOf = (expression: string) => {
    return checkThresholds([parseThreshold("--threshold", expression)], [short])[0]!.outcome;
  };
  assert.equal(["p999<30ms", "p999<50ms", "qps>0"].map(outcomeOf), [
    "broken",
    "undecided",
    "undecided",
  ]);
});

test("the worst of several operations is compared, and if it is unknown, the threshold is undecided", () => {
  const slow = measured({ serviceTime: { ...LATENCY, p99Ms: 90 }, throughputPerSec: 100 });
  const unknown = measured({ serviceTime: { ...LATENCY, p99Ms: null } });
  assert.equal(check("p99<50ms", measured(), slow), [90, false]);
  assert.equal(check("qps>1000", measured(), slow), [100, false]);
  assert.equal(check("p99>30ms", slow, measured()), [40, true]);
  assert.equal(check("p99<50ms", measured(), unknown), [null, false]);
  assert.equal(check("p99<50ms", slow, unknown), [90, false], "the other is 60 ms at most");
});

test("without requests the share of errors is 0", () => {
  const requests = { offered: 0, started: 0, succeeded: 0, failed: 0, dropped: 0, resent: 0 };
  const none = operationFixture({ requests });
  assert.equal(check("errors<1%", none), [0, true]);
});

test("what lost agents have not reported may have been answered at once, or never", () => {
  const requests = {
    offered: 1_000,
    started: 900,
    succeeded: 900,
    failed: 0,
    dropped: 100,
    resent: 0,
  };
  const answered = recorded(Array(900).fill(12), Array(100).fill(0));
  const lost = { ...answered, requests: { ...requests, unreported: 60 }, throughputPerSec: 90 };
  const outcomeOf = (text: string) =>
    checkThresholds([parseThreshold("--threshold", text)], [lost], [])[0]!.outcome;
  assert.is(outcomeOf("errors<10.1%"), "held");
  assert.is(outcomeOf("errors<10%"), "undecided");
  assert.is(outcomeOf("errors<4%"), "broken");
  assert.is(outcomeOf("qps>89"), "held");
  assert.is(outcomeOf("qps>95.9"), "undecided");
  assert.is(outcomeOf("qps>96"), "broken");
  assert.is(outcomeOf("p99<13ms"), "undecided");
  // Of a part none is dropped, and 100 may have been of it.
  const part = { ...lost, requests: { ...requests, offered: 900, dropped: 0, unreported: 100 } };
  const ofPart = (text: string) =>
    checkThresholds([parseThreshold("--threshold", text)], [part], [])[0]!.outcome;
  assert.is(ofPart("qps>89"), "held");
  assert.is(ofPart("qps>99"), "undecided");
  assert.is(ofPart("qps>101"), "broken");
  assert.is(ofPart("errors<10.1%"), "held");
  assert.is(ofPart("errors<9%"), "undecided");
});

test("a search's limit skips operations with too few samples, a threshold does not", () => {
  const [limit, threshold] = ["p99<20ms", "p99<30ms"].map((each) =>
    parseThreshold("--find-max", each),
  );
  const often = operationFixture({ serviceTime: latencyFixture({ count: 1_000, p99Ms: 10 }) });
  const few = { count: 999, minMs: 1, p50Ms: 2, p90Ms: 3, p95Ms: 4, p99Ms: null, maxMs: 100 };
  const rare = operationFixture({ name: "rare", serviceTime: latencyFixture(few) });
  const both = [limit!, threshold!];
  const tooFewSamples = [{ operation: "rare", samples: 999 }];
  const reason = "p99 needs 1,000 samples, rare has 999";
  const undecided = { outcome: "undecided" as const, passed: false, reason, tooFewSamples };
  assert.equal(checkThresholds(both, [often, rare], [limit!]), [
    thresholdFixture("p99<20ms", {
      ...{ actual: 10, outcome: "held", passed: true, clock: "service", tooFewSamples },
    }),
    thresholdFixture("p99<30ms", { ...undecided, atLeast: 10, atMost: 100, clock: "service" }),
  ]);
  // If all operations have too few samples, nothing was measured.
  assert.equal(checkThresholds([limit!], [rare], [limit!]), [
    thresholdFixture("p99<20ms", undecided),
  ]);
});

test("a latency has the clock of the operation that it is of, and of two with different clocks none", () => {
  const clockOf = (expression: string, ...operations: OperationResult[]) =>
    checkThresholds([parseThreshold("--threshold", expression)], operations)[0]!.clock;
  const paced = (name: string, p50Ms: number) =>
    operationFixture({ name, responseTime: latencyFixture({ p50Ms }) });
  const opened = (p50Ms: number) =>
    operationFixture({
      ...{ name: "watch-create", responseTime: null },
      serviceTime: latencyFixture({ p50Ms }),
    });
  assert.is(clockOf("watch-create:p50<1ms", paced("put", 5), opened(9)), "service");
  assert.is(clockOf("put:p50<1ms", paced("put", 5), opened(9)), "response");
  assert.is(clockOf("p50<1ms", paced("put", 5), opened(9)), "service", "the worst of both");
  assert.is(clockOf("p50<1ms", paced("put", 9), opened(9)), null);
  assert.is(clockOf("qps>1", paced("put", 9)), null);
});

test("events that lost watchers would have received leave a threshold on them open, and not one on requests", () => {
  const events = operationFixture({
    ...{ name: "watch-delivery", counters: { lostWatchers: 7 }, responseTime: null },
    serviceTime: LATENCY,
  });
  const puts = operationFixture({ name: "watch-put", serviceTime: LATENCY, responseTime: null });
  const check = (expression: string) => {
    const threshold = parseThreshold("--threshold", expression);
    return checkThresholds([threshold], [puts, events], [], "watch")[0]!;
  };
  assert.equal(
    [check("watch-put:p95<100ms").outcome, check("watch-delivery:p95<1ms").outcome],
    ["held", "broken"],
  );
  const open = check("watch-delivery:p95<100ms");
  assert.equal([open.outcome, open.atLeast, open.atMost], ["undecided", 30, null]);
  assert.match(
    open.reason!,
    "7 watchers were lost, whose later events are in no figure of watch-delivery",
  );
});

test("an operation with too few samples is compared if its bounds decide", () => {
  const limit = parseThreshold("--find-max", "p99<20ms");
  const figures = { count: 996, minMs: 5, p50Ms: 25, p90Ms: 40, p95Ms: 50, p99Ms: null, maxMs: 90 };
  const slow = operationFixture({ serviceTime: latencyFixture(figures) });
  const [broken] = checkThresholds([limit], [slow], [limit]);
  assert.is(broken!.outcome, "broken", "p90 is above the limit");
  assert.is(broken!.atLeast, 50);
  assert.equal(broken!.tooFewSamples, []);
  const quick = operationFixture({
    serviceTime: latencyFixture({ ...figures, p50Ms: 6, p90Ms: 7, p95Ms: 8, maxMs: 9 }),
  });
  const [held] = checkThresholds([limit], [quick], [limit]);
  assert.is(held!.outcome, "held", "the maximum is below the limit");
  assert.is(held!.atMost, 9);
});

function recorded(latenciesMs: readonly number[], missingMs: readonly number[] = []) {
  const histogram = new LatencyHistogram();
  for (const ms of latenciesMs) histogram.recordNs(ms * 1e6);
  const missing = new LatencyHistogram();
  for (const ms of missingMs) missing.recordNs(ms * 1e6);
  const serviceTime = toLatency(histogram, missing);
  histogram.destroy();
  missing.destroy();
  return operationFixture({ serviceTime });
}

const outcome = (expression: string, operation: OperationResult) =>
  checkThresholds([parseThreshold("--threshold", expression)], [operation])[0]!;

test("a maximum below the limit proves any percentile, even with few samples", () => {
  const five = recorded([10, 20, 30, 40, 77]);
  assert.is(outcome("p99<10s", five).outcome, "held");
  assert.is(outcome("p999<=78ms", five).outcome, "held");
  assert.is(outcome("p99>10s", five).outcome, "broken");
  const { outcome: open, reason, atMost } = outcome("p99<50ms", five);
  assert.is(open, "undecided");
  assert.is(reason, "p99 needs 1,000 samples, put has 5");
  assert.ok(Math.abs(atMost! - 77) < 0.1, String(atMost));
});

test("more slow requests than chance explains break a threshold on a percentile without a figure", () => {
  // 20 of 500 are above the limit. The p95 is below it; with a p99 below it, 5 would be above.
  const slow = recorded([...Array(480).fill(5), ...Array(20).fill(100)]);
  assert.is(outcome("p99<50ms", slow).outcome, "broken");
  // 6 of 500 may be chance.
  const unlucky = recorded([...Array(494).fill(5), ...Array(6).fill(100)]);
  assert.is(outcome("p99<50ms", unlucky).outcome, "undecided");
  const all = recorded([60, 61, 62]);
  assert.is(outcome("p99<50ms", all).outcome, "broken", "even the least is above");
});

test("requests without a latency leave a threshold undecided only if they could break it", () => {
  const latencies = [...Array(1_980).fill(5)];
  const waited = recorded(latencies, Array(20).fill(8));
  assert.is(outcome("p50<20ms", waited).outcome, "held");
  assert.is(outcome("p999<20ms", waited).outcome, "undecided");
  assert.is(outcome("max<20ms", waited).outcome, "undecided");
  assert.match(outcome("p999<20ms", waited).reason!, /^20 put requests have no latency/);
  assert.is(outcome("max<7ms", waited).outcome, "broken");
  const hung = recorded(latencies, Array(20).fill(10_000));
  assert.is(outcome("p999<20ms", hung).outcome, "broken");
});

test("few samples are the reason only where the requests without a latency are not", () => {
  const limit = parseThreshold("--find-max", "p99<50ms");
  const check = (...operations: OperationResult[]) =>
    checkThresholds([limit], operations, [limit])[0]!;
  const few = Array(595).fill(5);
  const failed = recorded(few, Array(5).fill(1));
  const isOfFailed = /^5 put requests have no latency/;
  assert.is(check(recorded(few)).outcome, "held");
  // Without those that failed 595 samples would hold it, even where they waited for longer.
  for (const waitedMs of [1, 90]) {
    const held = check(recorded(few, Array(5).fill(waitedMs)));
    assert.equal([held.outcome, held.tooFewSamples], ["undecided", []]);
    assert.match(held.reason!, isOfFailed);
  }
  // Without those that failed, 9 slow ones of 200 would break it.
  const slow = [...Array(191).fill(5), ...Array(9).fill(90)];
  assert.is(check(recorded(slow)).outcome, "broken");
  const diluted = check(recorded(slow, Array(700).fill(1)));
  assert.equal([diluted.outcome, diluted.tooFewSamples], ["undecided", []]);
  // Without those that failed, 595 samples of which one is slow would not decide it.
  const open = check(recorded([...few.slice(1), 90], Array(5).fill(1)));
  assert.equal(open.tooFewSamples, [{ operation: "put", samples: 600 }]);
  assert.is(open.reason, "p99 needs 1,000 samples, put has 600");
  // None was answered.
  assert.equal(check(recorded([], [1, 2])).tooFewSamples, []);
  // A series that is too rare does not hide that another is undecided by its failed requests.
  const rare = { ...recorded([5, 90]), name: "rare" };
  const both = check(failed, rare);
  assert.equal([both.outcome, both.tooFewSamples], ["undecided", []]);
  assert.match(both.reason!, /^5 put requests have no latency[^;]*$/);
});

test("for any samples, a held or broken threshold is held or broken by the true percentile", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(50, 90, 95, 99),
      (latencies, bound, percentile) => {
        const sorted = latencies.toSorted((a, b) => a - b);
        const truth = sorted[Math.ceil((percentile / 100) * sorted.length) - 1]!;
        // A bound between two integers, so that the rounding of buckets does not decide.
        const checked = outcome(`p${percentile}<${bound}.5ms`, recorded(latencies));
        if (checked.outcome === "held") assert.ok(truth < bound + 0.5, `${truth} of ${bound}`);
        if (checked.outcome === "broken") assert.ok(truth > bound + 0.5, `${truth} of ${bound}`);
        assert.is(checked.passed, checked.outcome === "held");
      },
    ),
    { seed: 1, numRuns: cases(100, 300) },
  );
});

test("a standard deviation of the known latencies above the limit breaks it without those of the others", () => {
  const known = Array.from({ length: 960 }, (_, i) => (i % 10 === 0 ? 2_000 : 0.2));
  const failed = recorded(known, Array(40).fill(1));
  const { outcome: broken, actual, atLeast, atMost } = outcome("stddev<5ms", failed);
  assert.is(broken, "broken");
  assert.is(actual, null);
  // 600 ms of the known ones.
  assert.ok(Math.abs(atLeast! - 600 * Math.sqrt(0.96)) < 3, String(atLeast));
  assert.is(atMost, null);
  assert.is(outcome("stddev>5ms", failed).outcome, "held");
  const open = outcome("stddev<1s", failed);
  assert.is(open.outcome, "undecided");
  assert.match(open.reason!, /^40 put requests have no latency/);
  assert.is(outcome("stddev<5ms", recorded([], [1, 2])).outcome, "undecided");
});

test("the bound of a standard deviation holds, whatever latencies the other requests have", () => {
  const times = (minLength: number) =>
    fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength, maxLength: 60 });
  fc.assert(
    fc.property(times(1), times(1), (known, missing) => {
      const all = [...known, ...missing];
      const mean = all.reduce((sum, each) => sum + each, 0) / all.length;
      const squares = all.reduce((sum, each) => sum + (each - mean) ** 2, 0);
      const truth = Math.sqrt(squares / all.length);
      const { atLeast } = outcome("stddev<1us", recorded(known, Array(missing.length).fill(1)));
      assert.ok((atLeast ?? 0) <= truth + 1e-6, `${atLeast} of ${truth}`);
    }),
    { seed: 1, numRuns: cases(100, 300) },
  );
});

test("a threshold on a series is compared with that series, with or without its workload prefix", () => {
  const named = (name: string, p99Ms: number | null) =>
    measured({ name, serviceTime: { ...LATENCY, p99Ms } });
  const operations = [
    named("mixed", 90),
    named("mixed-put", 40),
    named("mixed-txn-put", 70),
    named("mixed-rare", null),
  ];
  const actualOf = (expression: string, searchLimits: readonly Threshold[] = []) => {
    const threshold = parseThreshold("--threshold", expression);
    const limits = searchLimits.length > 0 ? [threshold] : [];
    const [checked] = checkThresholds([threshold], operations, limits, "mixed");
    return [checked!.actual, checked!.passed];
  };
  assert.equal(actualOf("put:p99<50ms"), [40, true]);
  assert.equal(actualOf("mixed-put:p99<50ms"), [40, true]);
  assert.equal(actualOf("txn-put:p99<50ms"), [70, false]);
  assert.equal(actualOf("mixed:p99<50ms"), [90, false]);
  assert.equal(actualOf("p99<50ms"), [90, false]);
  // A threshold that names an operation with few samples applies to it, in a search too.
  const search = [parseThreshold("--find-max", "p99<1s")];
  assert.equal(actualOf("rare:p99<50ms", search), [null, false]);
  assert.equal(actualOf("rare:max<1s"), [60, true]);
});

test("no thresholds give no outcomes", () => {
  assert.equal(checkThresholds([], [measured()]), []);
});

test("a rate without a series is that of the load, and not of the parts of a mix", () => {
  const rate = (name: string, throughputPerSec: number) => measured({ name, throughputPerSec });
  const mix = [rate("mixed", 100), rate("mixed-put", 44), rate("mixed-range", 56)];
  const checked = (text: string) =>
    checkThresholds([parseThreshold("--threshold", text)], mix, [], "mixed")[0]!;
  assert.equal([checked("qps>60").outcome, checked("qps>60").actual], ["held", 100]);
  assert.is(checked("put:qps>60").outcome, "broken");
});

test.run();
