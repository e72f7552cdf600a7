/** Tests which runs a comparison pairs, and what makes it invalid. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns } from "../../../src/compare/compare.ts";
import { gatesOf, leastEffectsOf } from "../../../src/compare/from-flags.ts";
import { gateText } from "../../../src/compare/gates.ts";
import { parseComparison } from "../../../src/compare/parse.ts";
import { comparisonSchema } from "../../../src/compare/schema.ts";
import { BenchError } from "../../../src/errors.ts";
import { seededRandom } from "../../../src/random.ts";
import type { AgentResult, RunResult } from "../../../src/result/schema.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import {
  agentFixture,
  type Overrides,
  planFixture,
  resultFixture,
} from "../../fixtures/result-fixture.ts";
import { compared, metricOf, OPTIONS, sidesOf } from "./simulated-runs.ts";

test("one run per arm gives ratios and the sentence, and no verdict on any metric", () => {
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

test("runs that did not alternate are not tested, for any number of runs", () => {
  const { base, head } = sidesOf(10, 1.5, 0.01, seededRandom(1, 1));
  for (const [at, run] of head.entries()) {
    run.startedAt = new Date(Date.UTC(2026, 8, 1, 10, at)).toISOString();
  }
  const comparison = compareRuns(base, head, OPTIONS);
  assert.is(comparison.cells[0]!.design, "apart");
  assert.is(comparison.verdict.kind, "undecided");
  assert.match(comparison.notes[0]!, /did not take turns/);
});

test("a comparison with runs that the client limited says by what", () => {
  const { base, head } = sidesOf(2, 1, 0.01, seededRandom(1, 1));
  const reasons = ["the client paused 1.51 s at 2.6 s"];
  head[1] = { ...head[1]!, verdict: { kind: "client-limited", reasons } };
  assert.equal(compareRuns(base, head, OPTIONS).cells[0]!.invalid, [
    "1 of 4 runs were limited by the client: the client paused 1.51 s at 2.6 s",
  ]);
});

test("latencies of a paced side and of a closed loop are named as of two clocks", () => {
  const { base, head } = sidesOf(2, 1.5, 0.01, seededRandom(1, 1));
  const paced = base.map((run) => {
    const { serviceTime, ...operation } = run.operations[0]!;
    return { ...run, operations: [{ ...operation, serviceTime, responseTime: serviceTime }] };
  });
  const comparison = compareRuns(paced, head, OPTIONS);
  assert.is(metricOf(comparison, "p99").clock, "both");
  assert.match(
    comparison.notes.join("\n"),
    /: the latencies of a are response times \(from the schedule\), those of b service times \(from the send\): they do not compare\.$/m,
  );
  for (const format of ["table", "markdown", "benchstat"]) {
    const text = formatNamed(format).renderComparison!(comparison, {
      ...{ color: false, widthColumns: null },
    });
    assert.match(text, /two-clock p99|clock=both/, format);
  }
  assert.is(metricOf(compareRuns(base, head, OPTIONS), "p99").clock, "service");
});

test("runs of a session are paired by their labels, also where the clock was set back meanwhile", () => {
  const { base, head } = sidesOf(10, 1.5, 0.01, seededRandom(1, 1));
  const paired = compareRuns(base, head, OPTIONS).cells[0]!;
  for (const [at, each] of base.entries()) {
    for (const [side, run] of [
      ["a", each],
      ["b", head[at]!],
    ] as const) {
      run.plan = { ...run.plan, labels: { session: "s", side, pair: String(at + 1) } };
    }
  }
  for (const run of [...base.slice(5), ...head.slice(4)]) {
    run.startedAt = new Date(Date.parse(run.startedAt) - 3_600_000).toISOString();
  }
  const [cell] = compareRuns(base, head, OPTIONS).cells;
  assert.is(cell!.design, "pairs");
  assert.equal(
    cell!.metrics.map(({ metric, pValue, pairs }) => [metric, pValue, pairs.length]),
    paired.metrics.map(({ metric, pValue, pairs }) => [metric, pValue, pairs.length]),
  );
});

test("runs whose agents had other machines, or were more, do not compare as those of one machine", () => {
  const comparedWith = (ofHead: readonly AgentResult[]) => {
    const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
    const by = (agents: readonly AgentResult[]) => (run: RunResult) => {
      return { ...run, client: { ...run.client, agents: [...agents] } };
    };
    const ofBase = [agentFixture("a", 1), agentFixture("b", 1)];
    return compareRuns(base.map(by(ofBase)), head.map(by(ofHead)), OPTIONS);
  };
  const same = comparedWith([agentFixture("c", 1), agentFixture("d", 1)]);
  assert.equal(same.cells[0]!.invalid, []);
  assert.equal(same.hosts, ["2 agents on 1 x Agent CPU, Linux 6, Node v22.1.0"]);
  const faster = comparedWith([agentFixture("a", 1), agentFixture("b", 2)]);
  assert.equal(faster.cells[0]!.invalid, [
    "the machines differ: 2 agents on 1 x Agent CPU, Linux 6 and " +
      "1 agent on 1 x Agent CPU, Linux 6 and 1 agent on 2 x Agent CPU, Linux 6",
  ]);
  assert.is(faster.verdict.kind, "invalid");
  const limited = ["a", "b"].map((name) => {
    const agent = agentFixture(name, 1);
    return { ...agent, environment: { ...agent.environment, memoryBytes: 8e9 } };
  });
  assert.match(comparedWith(limited).cells[0]!.invalid[0]!, /2 agents on 1 x Agent CPU, 8\.0 GB, /);
  assert.match(comparedWith([agentFixture("a", 1)]).cells[0]!.invalid[0]!, "the machines differ");
});

test("errors, a busy client, different machines and interrupted runs make a comparison invalid", () => {
  const spoil: [Overrides<RunResult>, RegExp][] = [
    [{ verdict: { kind: "errors", reasons: ["x"] } }, /1 of 12 runs had errors/],
    [{ verdict: { kind: "client-limited", reasons: ["x"] } }, /limited by the client/],
    [{ status: "interrupted" }, /did not end as planned/],
    [{ environment: { cpuModel: "Other CPU" } }, /the machines differ: .*Other CPU/],
    [{ environment: { cpusAvailable: 1 } }, /the machines differ: 2 x .* and 1 x /],
    [{ environment: { memoryLimitBytes: 5e8 } }, /the machines differ: .*8\.0 GB.* and .*0\.5 GB/],
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

test("a comparison of runs with errors has the most frequent reason of the server", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
  const errors = [
    { code: "UNAVAILABLE", message: "lost", count: 1 },
    { code: "INVALID_ARGUMENT", message: "request is too large", count: 9 },
  ];
  for (const run of [base[0]!, head[2]!]) {
    const reason = "9 of 10 requests failed: INVALID_ARGUMENT: request is too large";
    run.verdict = { kind: "errors", reasons: [reason] };
    run.operations[0]!.errors = errors;
  }
  assert.equal(compareRuns(base, head, OPTIONS).cells[0]!.invalid, [
    "2 of 12 runs had errors: INVALID_ARGUMENT: request is too large",
  ]);
  const cancelled = "9 watchers were cancelled by etcd (etcdserver: mvcc: required revision ...)";
  base[0]!.verdict.reasons.push("64 events never came", cancelled);
  assert.equal(compareRuns(base, head, OPTIONS).cells[0]!.invalid, [
    `2 of 12 runs had errors: INVALID_ARGUMENT: request is too large; 64 events never came; ${cancelled}`,
  ]);
});

test("a comparison has the reason of runs with errors of no request, and of runs that broke off", () => {
  const reason = "the members' hashes differ";
  const spoil = [
    { verdict: { kind: "errors" as const, reasons: [reason] } },
    { status: "failed" as const, verdict: { kind: "valid" as const, reasons: [reason] } },
  ];
  for (const change of spoil) {
    const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
    head[2] = { ...head[2]!, ...change };
    const [told, ...others] = compareRuns(base, head, OPTIONS).cells[0]!.invalid;
    assert.match(told!, `: ${reason}`);
    assert.equal(others, []);
  }
});

test("a canary with a difference is invalid, because the machine drifts", () => {
  const { base, head } = sidesOf(12, 1.2, 0.01, seededRandom(2, 1));
  const { verdict } = compareRuns(base, head, { ...OPTIONS, isCanary: true });
  assert.is(verdict.kind, "invalid");
  assert.match(verdict.reasons[0]!, /same against itself differs in put throughput/);
});

test("a percentile with fewer than a hundred samples above it is shown, but is no gate", () => {
  const { base, head } = sidesOf(12, 2, 0.01, seededRandom(2, 1));
  base[3]!.operations[0]!.requests.succeeded = 9_999;
  const p99 = metricOf(compareRuns(base, head, OPTIONS), "p99");
  assert.equal([p99.isGate, p99.verdict], [false, "slower"]);
  assert.match(p99.reason!, /9,999 requests, and 10,000 are needed/);
});

test("latencies are no gates if the arms offer different loads", () => {
  const { base, head } = sidesOf(12, 1, 0.01, seededRandom(2, 1));
  for (const run of head) run.plan = planFixture({ load: { clients: 500 } });
  const comparison = compareRuns(base, head, OPTIONS);
  assert.is(metricOf(comparison, "p50").isGate, false);
  assert.is(metricOf(comparison, "throughput").isGate, true);
  assert.match(comparison.notes.join(), /plans differ in load.clients \(1000, 500\)/);
});

test("a comparison matches its schema, and is read back from JSON", () => {
  const comparison = compared(6, 1.1, 0.05, 9);
  assert.equal(comparisonSchema.parse(comparison), comparison);
  assert.equal(parseComparison(JSON.parse(JSON.stringify(comparison)), "f"), comparison);
  assert.throws(() => parseComparison({ ...comparison, schemaVersion: 2 }, "f"), /schemaVersion 2/);
  assert.throws(() => parseComparison({ ...comparison, cells: 1 }, "f"), /cells/);
});

test("gates and least effects are parsed, and errors name their flag", () => {
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
