/** Tests which runs a comparison pairs, and what makes it invalid. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { withCommonNames } from "../../../src/compare/common-names.ts";
import { compareRuns } from "../../../src/compare/compare.ts";
import { gatesOf, leastEffectsOf } from "../../../src/compare/from-flags.ts";
import { gateText } from "../../../src/compare/gates.ts";
import { parseComparison } from "../../../src/compare/parse.ts";
import { type Comparison, comparisonSchema } from "../../../src/compare/schema.ts";
import { BenchError } from "../../../src/errors.ts";
import { seededRandom } from "../../../src/random.ts";
import { verdictSentence } from "../../../src/report/comparison/words.ts";
import type { AgentResult, RunResult } from "../../../src/result/schema.ts";
import { longerLeaseNotes } from "../../../src/result/target-notes.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import {
  agentFixture,
  type Overrides,
  planFixture,
  resultFixture,
} from "../../fixtures/result-fixture.ts";
import { compared, metricOf, OPTIONS, runAt, sidesOf } from "./simulated-runs.ts";

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

test("a note reports a cluster that changed during runs, by side and with what was seen", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(1, 1));
  const joined = { kind: "member" as const, isFault: false, text: "m2 joined", atSeconds: 1 };
  const moved = { ...joined, kind: "leader" as const, text: "the leader moved" };
  for (const run of base.slice(0, 2)) run.target = { ...run.target, changes: [joined, moved] };
  const told = compareRuns(base, head, OPTIONS).notes.filter((note) =>
    /cluster changed/.test(note),
  );
  assert.is(told.length, 1);
  assert.match(told[0]!, /changed during 2 of 6 runs of \w+: m2 joined; the leader moved\.$/);
});

test("a note reports a cluster that changed between two runs of a comparison", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(1, 1));
  const joined = { kind: "member" as const, isFault: false, text: "m2 joined", atSeconds: -1 };
  head[3]!.target = { ...head[3]!.target, changes: [joined] };
  const { notes } = compareRuns(base, head, OPTIONS);
  assert.match(notes.join("\n"), /changed before the load of 1 of 6 runs of \w+: m2 joined\.$/m);
});

test("a note reports a machine that was busy during runs, by side and with the share", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(1, 1));
  const busy = (otherCpuPercent: number) => {
    return { ...base[0]!.machine!, otherCpuPercent, idleCpuPercent: 1 };
  };
  base[0]!.machine = busy(30.2);
  base[3]!.machine = busy(88.9);
  head[2]!.machine = { ...busy(9), stealPercent: 4 };
  // The machine of the result sends no load for agents.
  head[1] = { ...head[1]!, machine: busy(90), client: { ...head[1]!.client, agents: [] } };
  const labels = { ...OPTIONS, baseLabel: "old", headLabel: "new" };
  const { notes, isMachineBusy } = compareRuns(base, head, labels);
  assert.is(isMachineBusy, true);
  const told = notes.filter((note) => /machine/.test(note));
  assert.is(told.length, 2, notes.join("\n"));
  assert.match(
    told[0]!,
    /: other processes took 30% to 89% of this machine's CPU during 2 of 6 runs of old: .*busy machine\.$/,
  );
  assert.match(told[1]!, /: the hypervisor gave 4\.0% .*\(steal\) during 1 of 6 runs of new\.$/);
});

test("a note reports runs in which the client may have been late, by side", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(1, 1));
  const late = head[1]!;
  const { p99Ms } = late.operations[0]!.serviceTime;
  late.client = { ...late.client, eventLoopDelayP99Ms: Math.max(3, p99Ms! * 0.3) };
  const labels = { ...OPTIONS, baseLabel: "old", headLabel: "new" };
  const { notes, isMachineBusy } = compareRuns(base, head, labels);
  assert.is(isMachineBusy, false);
  assert.match(
    notes.join("\n"),
    /: this client may have been late in 1 of 6 runs of new: of the service time's p99 of /,
  );
  assert.not.match(notes.join("\n"), /runs of old: of/);
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

test("a comparison says in how many runs of which side etcd lengthened leases", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
  const [lease] = longerLeaseNotes(5, 15);
  head[2] = { ...head[2]!, notes: [lease!] };
  const notes = compareRuns(base, head, OPTIONS).notes.join("\n");
  assert.match(notes, new RegExp(`: in 1 of 6 runs of .*: ${lease}`));
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

test("a note counts the runs whose agents did not begin together, with how far apart they were", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
  const notes = () => compareRuns(base, head, OPTIONS).notes.join("\n");
  assert.not.match(notes(), "skewed");
  head[2] = { ...head[2]!, verdict: { kind: "skewed", reasons: ["agents began 40.0 ms apart"] } };
  assert.match(notes(), ": 1 of 12 runs were skewed: agents began 40.0 ms apart.");
});

test("a note says that the ranges of the two sides do not hold as many keys", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
  const notes = () => compareRuns(base, head, OPTIONS).notes.join("\n");
  for (const run of [...base, ...head]) run.notes = ["The range holds 10 keys."];
  assert.not.match(notes(), "the range that is read");
  for (const run of head) run.notes = ["The range holds 10000 keys."];
  assert.match(
    notes(),
    /: the range that is read holds 10 keys in \w+ and 10000 keys in \w+: the answers/,
  );
  for (const run of base) run.notes = ["No key is in the range: this measures empty answers."];
  assert.match(notes(), "holds no key in");
});

test("a note says in what the clusters of the two sides differ", () => {
  const { base, head } = sidesOf(6, 1, 0.01, seededRandom(2, 1));
  const labels = { ...OPTIONS, baseLabel: "old", headLabel: "new" };
  const told = () =>
    compareRuns(base, head, labels).notes.filter((note) => /clusters of the two/.test(note));
  assert.equal(told(), []);
  for (const run of head) {
    run.target = { ...run.target, members: run.target.members.slice(0, 1) };
    run.target.dataFileSystem = "tmpfs";
    run.plan = { ...run.plan, target: { ...run.plan.target, user: "root" } };
  }
  assert.is(told().length, 1);
  assert.match(
    told()[0]!,
    /: the clusters of the two sides differ in members \(3 in old, 1 in new\), the file system of the data \(ext4 in old, tmpfs in new\), authentication \(no in old, yes in new\)\.$/,
  );
  const session = "s";
  for (const run of [...base, ...head]) run.plan = { ...run.plan, labels: { session } };
  assert.not.match(told()[0]!, /authentication/, "the arms of bench ab are named by their flags");
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
