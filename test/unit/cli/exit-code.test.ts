/** The exit code of a finished run. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodeOf, worstExitCode } from "../../../src/cli/exit-code.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { judge } from "../../../src/run/verdict.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import {
  operationFixture,
  planFixture,
  resultFixture,
  thresholdFixture,
} from "../../fixtures/result-fixture.ts";

interface Facts {
  status?: RunResult["status"];
  verdict?: RunResult["verdict"]["kind"];
  strict?: boolean;
  maxErrorRate?: number;
  counts?: [succeeded: number, failed: number][];
  passed?: boolean[];
  /** Outcomes of more thresholds, in addition to `passed`; null as in older results. */
  undecided?: (null | "undecided")[];
  counters?: Record<string, number>;
  faults?: string[];
  hashKv?: RunResult["hashKv"];
  /** For the first operation, with a fault in the plan: requests that no event touched. */
  outside?: [succeeded: number, failed: number];
}

const KILL = { atMs: 1_000, lastsMs: null, action: "kill leader" };

/** As a run is judged, unless the facts give another verdict. */
function result(facts: Facts): RunResult {
  const { status = "complete", strict = false, maxErrorRate = 0, outside, faults = [] } = facts;
  const { counts = [[100, 0]], passed = [], undecided = [], counters = {}, hashKv = null } = facts;
  const moments =
    outside === undefined
      ? null
      : ({ outside: { failed: outside[1], serviceTime: { count: outside[0] } } } as never);
  const run = resultFixture({
    plan: planFixture({
      judge: { strict, maxErrorRate },
      maintenance: { events: outside === undefined ? [] : [KILL as never] },
    }),
    operations: counts.map(([succeeded, failed]) => ({
      ...operationFixture({ name: "watch-delivery", counters }),
      requests: { ...operationFixture().requests, started: succeeded + failed, succeeded, failed },
      moments,
    })),
  });
  const thresholds = [
    ...passed.map((each) =>
      thresholdFixture("p99<1ms", { actual: 1, passed: each, outcome: each ? "held" : "broken" }),
    ),
    ...undecided.map((outcome) => thresholdFixture("p99<1ms", { outcome })),
  ];
  const kept = { sentShare: null };
  const verdict =
    facts.verdict === undefined
      ? judge(run.plan, run.operations, run.client, kept, hashKv, faults)
      : { kind: facts.verdict, reasons: [] };
  return { ...run, status, faults, hashKv, thresholds, verdict };
}

test("a failed clean-up or a replaced cluster ends with 1", () => {
  assert.is(exitCodeOf(result({ faults: ["--cleanup failed: UNAVAILABLE: gone"] })), 1);
});

test("a clean run ends with 0", () => {
  assert.is(exitCodeOf(result({})), 0);
  assert.is(exitCodeOf(result({ passed: [true, true] })), 0);
});

test("by default one failed request ends with 1", () => {
  assert.is(exitCodeOf(result({ counts: [[99_999, 1]] })), 1);
});

test("a missing, doubled or foreign event, or a lost watcher, ends with 1", () => {
  for (const name of ["missing", "doubled", "foreign", "lostWatchers"]) {
    assert.is(exitCodeOf(result({ maxErrorRate: 1, counters: { [name]: 1 } })), 1, name);
  }
  assert.is(exitCodeOf(result({ counters: { conflicts: 5 } })), 0);
});

test("failures up to the error rate are accepted, and no more", () => {
  assert.is(exitCodeOf(result({ counts: [[99, 1]], maxErrorRate: 0.01 })), 0);
  assert.is(exitCodeOf(result({ counts: [[98, 2]], maxErrorRate: 0.01 })), 1);
  assert.is(exitCodeOf(result({ counts: [[1, 5]], maxErrorRate: 1 })), 0);
});

test("a run in which no request succeeded has failed, whatever the error rate", () => {
  assert.is(exitCodeOf(result({ counts: [[0, 5]], maxErrorRate: 1 })), 1);
  const counts: [number, number][] = [
    [1000, 0],
    [0, 5],
  ];
  assert.is(exitCodeOf(result({ counts, maxErrorRate: 1 })), 1);
});

test("the exit code and the test cases of junit agree", () => {
  for (const facts of [
    {},
    { counts: [[0, 5]], maxErrorRate: 1 },
    { counts: [[99, 1]], maxErrorRate: 0.01 },
    { counts: [[98, 2]], maxErrorRate: 0.01 },
    { counts: [[0, 0]], maxErrorRate: 1 },
    { outside: [50, 0], counts: [[90, 10]] },
    { counters: { missing: 1 }, maxErrorRate: 1 },
    { faults: ["--cleanup failed"] },
    { status: "failed" },
    { status: "interrupted" },
    { verdict: "client-limited" },
    { verdict: "client-limited", strict: true },
    { passed: [true, false] },
    { passed: [true] },
  ] satisfies Facts[]) {
    const run = result(facts as Facts);
    const junit = formatNamed("junit").render([run], { color: false, widthColumns: null });
    const isGood = /failures="0" errors="0"/.test(junit);
    assert.is(isGood, exitCodeOf(run) === 0, JSON.stringify(facts));
  }
});

test("requests that a fault of the plan touched do not count against the error rate", () => {
  assert.is(exitCodeOf(result({ counts: [[90, 10]], outside: [50, 0] })), 0);
  assert.is(exitCodeOf(result({ counts: [[90, 10]], outside: [50, 1] })), 1);
  assert.is(exitCodeOf(result({ counts: [[90, 10]], outside: [0, 0] })), 0);
  const fault = ["--event='at=1s kill leader': the run was over before it"];
  assert.is(exitCodeOf(result({ outside: [50, 0], faults: fault })), 1);
});

test("each operation is compared with the error rate by itself", () => {
  const counts: [number, number][] = [
    [1000, 0],
    [8, 2],
  ];
  assert.is(exitCodeOf(result({ counts, maxErrorRate: 0.1 })), 1);
});

test("a run in which no request ended has failed", () => {
  assert.is(exitCodeOf(result({ counts: [[0, 0]], maxErrorRate: 1 })), 1);
  assert.is(exitCodeOf(result({ status: "failed" })), 1);
});

test("one threshold that does not hold ends with 1", () => {
  assert.is(exitCodeOf(result({ passed: [true, false] })), 1);
});

test("an undecided threshold is neither success nor failure: it ends with 4", () => {
  assert.is(exitCodeOf(result({ passed: [true], undecided: ["undecided"] })), 4);
  assert.is(exitCodeOf(result({ undecided: [null] })), 4);
  assert.is(exitCodeOf(result({ passed: [false], undecided: ["undecided"] })), 1);
});

test("of several runs the worst code counts, and a failure is worse than an undecided threshold", () => {
  const runs = [result({ undecided: ["undecided"] }), result({ passed: [false] }), result({})];
  assert.is(worstExitCode(runs), 1);
  assert.is(worstExitCode([runs[2]!, runs[0]!]), 4);
});

test("an invalid measurement ends with 4 only under --strict", () => {
  assert.is(exitCodeOf(result({ verdict: "client-limited" })), 0);
  assert.is(exitCodeOf(result({ verdict: "client-limited", strict: true })), 4);
  assert.is(exitCodeOf(result({ verdict: "rate-unmet", strict: true, passed: [false] })), 4);
  assert.is(exitCodeOf(result({ verdict: "valid", strict: true })), 0);
});

test("failed requests win over an invalid measurement, and an interruption wins over all", () => {
  assert.is(exitCodeOf(result({ verdict: "errors", strict: true, counts: [[1, 1]] })), 1);
  assert.is(exitCodeOf(result({ status: "interrupted", counts: [[0, 9]], passed: [false] })), 130);
});

test.run();
