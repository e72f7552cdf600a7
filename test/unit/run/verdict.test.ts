/** Whether it was etcd that was measured, and whether the user's bounds were kept. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Threshold } from "../../../src/plan/schema.ts";
import { parseThreshold } from "../../../src/plan/threshold.ts";
import type { OperationResult } from "../../../src/result/schema.ts";
import { checkThresholds, judge } from "../../../src/run/verdict.ts";
import {
  latencyFixture,
  type Overrides,
  operationFixture,
  planFixture,
  resultFixture,
} from "../../result-fixture.ts";

const CLOSED = { sentShare: null };
const { client } = resultFixture();

function requests(figures: Partial<OperationResult["requests"]>): OperationResult {
  const none = { offered: 0, started: 0, succeeded: 0, failed: 0, dropped: 0, resent: 0 };
  return operationFixture({ requests: { ...none, ...figures } });
}

test("a run without complaint is valid", () => {
  assert.equal(judge(planFixture(), [operationFixture()], client, CLOSED), {
    kind: "valid",
    reasons: [],
  });
});

test("a share of failures is an error only above --max-error-rate", () => {
  const failing = requests({ offered: 1_000, started: 1_000, succeeded: 990, failed: 10 });
  const kind = (maxErrorRate: number) =>
    judge(planFixture({ judge: { maxErrorRate } }), [failing], client, CLOSED).kind;
  assert.equal([kind(0), kind(0.009), kind(0.01), kind(1)], ["errors", "errors", "valid", "valid"]);
  const { reasons } = judge(planFixture({ judge: { maxErrorRate: 0 } }), [failing], client, CLOSED);
  assert.is(reasons.length, 1);
  assert.match(reasons[0]!, /^10 of 1000 put requests failed \(1\.0%\), above --max-error-rate=0$/);
});

test("a run without one success is an error at any rate", () => {
  const none = requests({ offered: 5, started: 5, failed: 5 });
  const plan = planFixture({ judge: { maxErrorRate: 1 } });
  assert.equal(judge(plan, [none], client, CLOSED), {
    kind: "errors",
    reasons: ["no put request succeeded"],
  });
});

test("a worker that is busy for more than 90% of the time measures itself", () => {
  const kind = (busyPercentMax: number | null) =>
    judge(planFixture(), [operationFixture()], { ...client, busyPercentMax }, CLOSED).kind;
  assert.equal(
    [kind(90), kind(90.1), kind(100), kind(null)],
    ["valid", "client-limited", "client-limited", "valid"],
  );
});

const PACED = planFixture({ pacing: { ratePerSec: 1_000 } });

test("less than 99% of the offered requests sent is a rate unmet, and says how many", () => {
  const sent = (started: number) =>
    judge(
      PACED,
      [requests({ offered: 1_000, started, succeeded: started, dropped: 1_000 - started })],
      client,
      { sentShare: 1 },
    );
  assert.is(sent(990).kind, "valid");
  assert.is(sent(989).kind, "rate-unmet");
  assert.match(
    sent(989).reasons[0]!,
    /^11 of 1000 put requests .* raise --clients or lower --rate/,
  );
});

test("a schedule that was sent too slowly is a rate unmet though nothing was dropped", () => {
  const kind = (sentShare: number | null) =>
    judge(PACED, [operationFixture()], client, { sentShare }).kind;
  assert.equal(
    [kind(1), kind(0.99), kind(0.98), kind(null)],
    ["valid", "valid", "rate-unmet", "valid"],
  );
  // A closed loop has no rate to meet.
  const { kind: closed } = judge(planFixture(), [operationFixture()], client, { sentShare: 0.1 });
  assert.is(closed, "valid");
});

test("every complaint is told, and the gravest names the verdict", () => {
  const bad = requests({ offered: 100, started: 50, succeeded: 25, failed: 25, dropped: 50 });
  const verdict = judge(PACED, [bad], { ...client, busyPercentMax: 99 }, { sentShare: 0.5 });
  assert.is(verdict.kind, "errors");
  assert.is(verdict.reasons.length, 3);
  const limited = judge(
    PACED,
    [requests({ offered: 100, started: 50, succeeded: 50, dropped: 50 })],
    { ...client, busyPercentMax: 99 },
    { sentShare: 0.5 },
  );
  assert.is(limited.kind, "client-limited");
});

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

test("each metric is compared with its own figure", () => {
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

test("latencies of a paced run are response times", () => {
  const paced = measured({ responseTime: latencyFixture({ ...LATENCY, p99Ms: 400 }) });
  assert.equal(check("p99<100ms", paced), [400, false]);
});

test("a figure that the samples do not carry does not pass, whichever way it is asked", () => {
  const short = measured({ serviceTime: { ...LATENCY, p999Ms: null }, throughputPerSec: null });
  assert.equal(check("p999<1s", short), [null, false]);
  assert.equal(check("p999>1us", short), [null, false]);
  assert.equal(check("qps>0", short), [null, false]);
  assert.equal(check("p99<1s"), [null, false]);
});

test("of several operations the worst is compared, and one unknown figure does not pass", () => {
  const slow = measured({ serviceTime: { ...LATENCY, p99Ms: 90 }, throughputPerSec: 100 });
  const unknown = measured({ serviceTime: { ...LATENCY, p99Ms: null } });
  assert.equal(check("p99<50ms", measured(), slow), [90, false]);
  assert.equal(check("qps>1000", measured(), slow), [100, false]);
  assert.equal(check("p99>30ms", slow, measured()), [40, true]);
  assert.equal(check("p99<1s", measured(), unknown), [null, false]);
});

test("without a request there is no share of errors", () => {
  const none = requests({});
  assert.equal(check("errors<1%", none), [0, true]);
});

test("a search's limit passes over what is too rare for it, a threshold does not", () => {
  const [limit, threshold] = ["p99<20ms", "p99<30ms"].map((each) =>
    parseThreshold("--find-max", each),
  );
  const often = operationFixture({ serviceTime: latencyFixture({ count: 1_000, p99Ms: 10 }) });
  const rare = operationFixture({
    name: "rare",
    serviceTime: latencyFixture({ count: 999, p99Ms: null }),
  });
  const both = [limit!, threshold!];
  const tooFewSamples = [{ operation: "rare", samples: 999 }];
  assert.equal(checkThresholds(both, [often, rare], [limit!]), [
    { expression: "p99<20ms", actual: 10, passed: true, tooFewSamples },
    { expression: "p99<30ms", actual: null, passed: false, tooFewSamples },
  ]);
  // Where all are too rare, nothing was measured.
  assert.equal(checkThresholds([limit!], [rare], [limit!]), [
    { expression: "p99<20ms", actual: null, passed: false, tooFewSamples },
  ]);
});

test("a threshold that names a series is held against that one, with or without the kind before it", () => {
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
  assert.equal(actualOf("p99<50ms"), [null, false]);
  // Who names what is rare wants it judged, in a search too.
  const search = [parseThreshold("--find-max", "p99<1s")];
  assert.equal(actualOf("rare:p99<50ms", search), [null, false]);
  assert.equal(actualOf("rare:max<1s"), [60, true]);
});

test("no thresholds are kept", () => {
  assert.equal(checkThresholds([], [measured()]), []);
});

test.run();
