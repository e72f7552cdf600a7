/** The first lines of a report: the outcome of a run, one line for each primary series. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderAnswers } from "../../../../src/report/table/answer.ts";
import type { RunResult } from "../../../../src/result/schema.ts";
import { publishedRows } from "../../../../src/saved/published.ts";
import { labelled } from "../../../../src/tables/labels.ts";
import { paintFor } from "../../../../src/tables/paint.ts";
import {
  latencyFixture,
  operationFixture,
  rangeResultFixture,
  resultFixture,
  thresholdFixture,
} from "../../../fixtures/result-fixture.ts";

const answersOf = (...results: RunResult[]) => renderAnswers(labelled(results), paintFor(false));

test("a closed loop has its rate, p50, p99, errors and verdict, and does not name a clock", () => {
  assert.is(answersOf(resultFixture()), "put: 40,000/s, p50 24.2 ms, p99 52.6 ms, 0 errors, valid");
});

test("a paced run has its response time, and names that clock", () => {
  const responseTime = latencyFixture({ p50Ms: 30, p99Ms: 1_300 });
  const operations = [operationFixture({ responseTime })];
  assert.match(
    answersOf(resultFixture({ operations })),
    /, p50 30\.0 ms, p99 1\.30 s \(response time\), /,
  );
});

test("a percentile with only a known bound has its bound", () => {
  const serviceTime = latencyFixture({ p99Ms: null, atMost: { p99Ms: 77 } });
  const operations = [operationFixture({ serviceTime })];
  assert.match(answersOf(resultFixture({ operations })), /, p99 at most 77\.0 ms, /);
});

test("the line has failed and dropped requests, broken and undecided thresholds, and the verdict", () => {
  const line = answersOf(
    resultFixture({
      status: "interrupted",
      verdict: { kind: "errors", reasons: ["12 of 1,000 requests failed"] },
      thresholds: [
        thresholdFixture("p99<20ms", { outcome: "broken", actual: 52.6 }),
        thresholdFixture("p50<1s", { outcome: "held", passed: true, actual: 24.2 }),
        thresholdFixture("p99.9<1s", { outcome: "undecided", reason: "too few" }),
      ],
      operations: [
        operationFixture({ requests: { offered: 1_000, succeeded: 985, failed: 12, dropped: 3 } }),
      ],
    }),
  );
  assert.is(
    line,
    "put: 40,000/s, p50 24.2 ms, p99 52.6 ms, 12 failed and 3 dropped of 1,000, p99<20ms FAILED, " +
      "p99.9<1s undecided, errors (interrupted)",
  );
});

test("where something other than a request failed, no line has 0 errors", () => {
  const lost = resultFixture({ verdict: { kind: "errors", reasons: ["3 events are missing"] } });
  assert.is(answersOf(lost), "put: 40,000/s, p50 24.2 ms, p99 52.6 ms, errors");
});

test("each primary series has a line, and of several runs each line has the run's label", () => {
  const lines = answersOf(rangeResultFixture(["linearizable", "serializable"]), resultFixture());
  assert.equal(
    lines.split("\n").map((line) => line.split(":")[0]),
    ["[1] range-linearizable", "[1] range-serializable", "[2] put"],
  );
});

test("published figures have no such lines", () => {
  assert.is(answersOf(publishedRows()[0]!.result), "");
});

test.run();
