/** The exit code of a finished run. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodeOf, worstExitCode } from "../../../src/cli/exit-code.ts";
import type { RunResult } from "../../../src/result/schema.ts";

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

function sides([succeeded, failed]: [number, number]) {
  return { outside: { failed, serviceTime: { count: succeeded } } };
}

/** Only the fields that the exit code depends on. */
function result(facts: Facts): RunResult {
  const { status = "complete", verdict = "valid", strict = false, maxErrorRate = 0 } = facts;
  const { counts = [[100, 0]], passed = [], undecided = [], counters = {} } = facts;
  return {
    status,
    verdict: { kind: verdict, reasons: [] },
    plan: {
      judge: { strict, maxErrorRate, thresholds: [] },
      maintenance: { events: facts.outside === undefined ? [] : [KILL] },
    },
    operations: counts.map(([succeeded, failed]) => ({
      name: "watch-delivery",
      requests: { succeeded, failed },
      moments: facts.outside === undefined ? null : sides(facts.outside),
      counters,
      losses: [],
    })),
    faults: facts.faults ?? [],
    hashKv: facts.hashKv ?? null,
    search: null,
    thresholds: [
      ...passed.map((each) => ({
        ...{ expression: "p99<1ms", actual: 1, passed: each },
        outcome: each ? "held" : "broken",
      })),
      ...undecided.map((outcome) => ({
        expression: "p99<1ms",
        actual: null,
        passed: false,
        outcome,
      })),
    ],
  } as unknown as RunResult;
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
  assert.is(exitCodeOf(result({ counts: [[0, 5]], maxErrorRate: 1 })), 0);
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
