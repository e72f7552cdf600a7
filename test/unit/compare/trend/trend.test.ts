/** How points are made of files, and a trend of points: segments, canaries, gates, verdict. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns } from "../../../../src/compare/compare.ts";
import { gatesOf } from "../../../../src/compare/from-flags.ts";
import type { Gate } from "../../../../src/compare/gates.ts";
import { parseSaved } from "../../../../src/compare/saved.ts";
import type { Comparison } from "../../../../src/compare/schema.ts";
import { trendSchema } from "../../../../src/compare/trend/schema.ts";
import { type SeriesResult, seriesPointsOf } from "../../../../src/compare/trend/series-points.ts";
import { trendOf } from "../../../../src/compare/trend/trend.ts";
import { BenchError } from "../../../../src/errors.ts";
import type { RunResult } from "../../../../src/result/schema.ts";
import {
  latencyFixture,
  operationFixture,
  resultFixture,
} from "../../../fixtures/result-fixture.ts";
import { noisyRatios } from "./noisy-ratios.ts";

let made = 0;

/** At 2 o'clock on that day, 20,000 requests/s times `rate`, with the p99 times `latency`. */
function run(
  day: number,
  labels: Record<string, string>,
  { rate = 1, latency = 1, node = "v20.19.0", minute = 0 } = {},
): RunResult {
  const startedAt = new Date(Date.UTC(2026, 0, 1 + day, 2, minute)).toISOString();
  const operation = operationFixture({
    throughputPerSec: 20_000 * rate,
    serviceTime: latencyFixture({ p50Ms: 20 * latency, p99Ms: 50 * latency }),
  });
  return resultFixture({
    id: `run${made++}`,
    startedAt,
    plan: { labels },
    environment: { node },
    operations: [operation],
  });
}

function runsOf(day: number, rate: number, options: { node?: string; reference?: string } = {}) {
  const { node, reference } = options;
  const pinned: Record<string, string> = reference === undefined ? {} : { reference };
  const base = run(day, { side: "base", ...pinned }, { node });
  const head = run(day, { side: "head", commit: `c${day}` }, { rate, node, minute: 1 });
  return [base, head];
}

const placed = (results: RunResult[], folder: string | null = null): SeriesResult[] =>
  results.map((result) => ({ result, folder }));

function trend(results: RunResult[], comparisons: Comparison[] = []) {
  const { points, leftOut } = seriesPointsOf(comparisons, placed(results), {});
  return trendOf(points, leftOut, { source: "nightly" });
}

const rates = (from: number, to: number, truth: (at: number) => number) =>
  noisyRatios(11, to, truth, 0.01).slice(from);

test("a trend names the points whose runs were measured on a busy machine", () => {
  const machine = { otherCpuPercent: 60, idleCpuPercent: 1 };
  const results = rates(0, 6, () => 1).flatMap((rate, day) => {
    const [base, head] = runsOf(day, rate);
    return [base!, day === 3 ? { ...head!, machine: { ...head!.machine!, ...machine } } : head!];
  });
  const { notes } = trend(results);
  assert.match(
    notes.join("\n"),
    /^Other work, or the system, kept a machine from runs of 1 of 6 points, 2026-01-04: their figures/m,
  );
  assert.not.match(trend(results.slice(0, 6)).notes.join(), /kept a machine/);
});

test("a trend names the points whose figures depend on more than their load, and says on what", () => {
  const { heldBack, moved } = {
    heldBack:
      "9 of 100 put requests waited in the client for a stream, a window or a connection before they could be sent.",
    moved: { kind: "leader" as const, isFault: false, text: "the leader moved", atSeconds: 1 },
  };
  const results = rates(0, 6, () => 1).flatMap((rate, day) => {
    const [base, head] = runsOf(day, rate);
    if (day === 1) head!.notes = [heldBack];
    if (day === 4) base!.target = { ...base!.target, changes: [moved] };
    return [base!, head!];
  });
  assert.match(
    trend(results).notes.join("\n"),
    /^Figures of 2 of 6 points, 2026-01-02, 2026-01-05 depend on more than the load\. Of the newest of them: .*during 1 of 1 run of .*: the leader moved\.$/m,
  );
  assert.match(trend(results.slice(0, 4)).notes.join("\n"), "9 of 100 put requests waited");
  assert.not.match(trend(results.slice(0, 2)).notes.join("\n"), "depend on more");
});

test("results of two sides a day are points, and a drop of throughput alarms with its commit", () => {
  const results = rates(0, 40, (at) => (at < 25 ? 1 : 0.8)).flatMap((rate, day) =>
    runsOf(day, rate),
  );
  const found = trend(results.reverse());
  assert.equal(trendSchema.parse(JSON.parse(JSON.stringify(found))), found);
  assert.equal([found.nights, found.segments.length], [40, 1]);
  assert.is(found.verdict.kind, "alarm");
  const throughput = found.series.find(({ metric }) => metric === "throughput")!;
  assert.ok(throughput.isGate);
  assert.equal(
    throughput.changes.map(({ at }) => throughput.points[at]!.commit),
    ["c25"],
  );
  assert.match(
    found.verdict.reasons[0]!,
    /^put throughput is (19|20)\.\d% below its best level since 2026-01-26 \(c25\)$/,
  );
});

test("a saved comparison is a point, and its runs are not counted again", () => {
  const [base, head] = runsOf(0, 1) as [RunResult, RunResult];
  const options = { baseLabel: "a", headLabel: "b" };
  const saved = compareRuns([base], [head], options);
  const text = JSON.stringify(saved);
  const read = parseSaved(text, "night.json");
  assert.is(read.kind, "comparison");
  const found = trend([base, head, ...runsOf(1, 1)], [saved]);
  assert.is(found.nights, 2);
  const points = found.series[0]!.points;
  assert.equal(
    points.map(({ comparisonId, commit }) => [comparisonId === saved.id, commit]),
    [
      [true, "c0"],
      [false, "c1"],
    ],
  );
});

test("results are a point by their label, else the session, else the folder, else the day", () => {
  const pair = (labels: Record<string, string>, day: number) => [
    run(day, { ...labels, side: "a" }),
    run(day + 1, { ...labels, side: "b" }),
  ];
  const names = (results: SeriesResult[]) =>
    seriesPointsOf([], results, {}).points.map(({ name }) => name);
  assert.equal(names(placed(pair({ night: "monday", session: "s" }, 0))), ["monday"]);
  assert.equal(names(placed(pair({ session: "s" }, 0))), ["2026-01-01"]);
  assert.equal(names(placed(pair({}, 0), "folder")), ["2026-01-01"]);
  assert.equal(names(placed(pair({}, 0))), []);
});

test("what has no reference, or nothing in common with it, is left out and said to be", () => {
  const { leftOut } = seriesPointsOf(
    [],
    [...placed([run(0, { side: "head" }), run(1, {})]), ...placed([run(2, { side: "base" })])],
    {},
  );
  assert.equal(
    leftOut.map(({ what, reason }) => [what, reason.slice(0, 26)]),
    [
      ["1 result of 2026-01-01", "no run of the reference (-"],
      ["1 result of 2026-01-02", "no run of the reference (-"],
      ["1 result of 2026-01-03", "no run of the head (--labe"],
    ],
  );
});

test("another Node, host or reference begins another segment, and only the newest alarms", () => {
  const slow = (at: number) => (at < 25 ? 1 : 0.8);
  const old = rates(0, 40, slow).flatMap((rate, day) => runsOf(day, rate));
  const pinned = rates(40, 60, () => 1).flatMap((rate, day) =>
    runsOf(40 + day, rate, { reference: "v3.5.31" }),
  );
  const found = trend([...old, ...pinned]);
  assert.equal(
    found.segments.map(({ reference, nights, isNewest }) => [reference, nights, isNewest]),
    [
      ["etcd 3.5.30", 40, false],
      ["v3.5.31", 20, true],
    ],
  );
  assert.is(found.verdict.kind, "quiet");
  const ofOld = found.series.find(
    ({ segment, metric }) => segment === 0 && metric === "throughput",
  );
  assert.equal([ofOld!.changes.length, ofOld!.alarm], [1, null]);
  const other = trend([...old, ...runsOf(40, 0.8, { node: "v22.0.0" })]);
  assert.is(other.segments.length, 2);
  assert.match(other.verdict.reasons[0]!, /^1 point of this host and reference; 16 are needed/);
});

test("runs that ab marked as a canary are no point, even next to the point's own runs", () => {
  const canary = (day: number, side: string, minute: number, rate = 1) => {
    return run(
      day,
      { side, session: `c${day}`, pair: `${minute >> 1}`, canary: "true" },
      { minute, rate },
    );
  };
  const runs = rates(0, 20, () => 1).flatMap((rate, day) => runsOf(day, rate));
  const quiet = [canary(7, "a", 10), canary(7, "b", 11), canary(7, "b", 12), canary(7, "a", 13)];
  assert.throws(() => trend(quiet), /nightly has no points: only canaries, /);
  const found = trend([...runs, ...quiet]);
  assert.equal([found.nights, found.leftOut], [20, []]);
  assert.is(found.series.find(({ metric }) => metric === "p99")!.points.length, 20);
  // Sixteen pairs of which the second is always a tenth slower.
  const drifting = Array.from({ length: 32 }, (_, at) => {
    const side = at % 2 === 0 ? "a" : "b";
    return canary(7, side, 10 + at, (side === "a" ? 1 : 0.8) + 0.001 * (at >> 1));
  });
  const without = trend([...runs, ...drifting]);
  assert.is(without.nights, 19);
  assert.match(without.leftOut[0]!.reason, /its canary, the same against itself/);
});

test("parts of a load raise an alarm only if the user names them as gates", () => {
  const results = rates(0, 40, (at) => (at < 25 ? 1 : 1.5)).flatMap((factor, day) =>
    runsOf(day, 1).map((result) => {
      result.plan.workload = { ...result.plan.workload, kind: "mixed" } as never;
      const latency = result.plan.labels.side === "head" ? 50 * factor : 50;
      const part = operationFixture({
        name: "mixed-put",
        serviceTime: latencyFixture({ p99Ms: latency }),
      });
      return { ...result, operations: [{ ...result.operations[0]!, name: "mixed" }, part] };
    }),
  );
  const { points, leftOut } = seriesPointsOf([], placed(results), {});
  const judged = (gates?: readonly Gate[]) =>
    trendOf(points, leftOut, { source: "nightly", ...(gates === undefined ? {} : { gates }) });
  assert.is(judged().verdict.kind, "quiet");
  const named = judged(gatesOf("p99,put:p99"));
  assert.equal(named.verdict.kind, "alarm");
  assert.match(named.verdict.reasons[0]!, /^mixed-put p99 is/);
  assert.throws(() => judged(gatesOf("range:p99")), /--gate: "range" is no operation .* mixed-put/);
});

test("a canary is no point, and where it found a difference its point is left out", () => {
  const compared = (day: number, isCanary: boolean, verdict: Comparison["verdict"]["kind"]) => {
    const [base, head] = runsOf(day, 1) as [RunResult, RunResult];
    const options = { baseLabel: "a", headLabel: "b", isCanary };
    const comparison = compareRuns([base], [head], options);
    return { ...comparison, verdict: { kind: verdict, reasons: [] } };
  };
  const found = trend(
    [],
    [
      compared(0, false, "undecided"),
      compared(0, true, "invalid"),
      compared(1, false, "undecided"),
      compared(1, true, "no-change"),
    ],
  );
  assert.is(found.nights, 1);
  assert.equal(
    found.series[0]!.points.map(({ night: name }) => name),
    ["2026-01-02"],
  );
  assert.equal(
    found.leftOut.map(({ what }) => what),
    ["2026-01-01"],
  );
});

test("two comparisons of one load on one day are two points, and those of two loads are one", () => {
  const compared = (day: number, kind: string) => {
    const runs = runsOf(day, 1).map((result) => {
      result.plan.workload = { ...result.plan.workload, kind } as RunResult["plan"]["workload"];
      return [result];
    });
    return compareRuns(runs[0]!, runs[1]!, { baseLabel: "a", headLabel: "b" });
  };
  const twice = trend([], [compared(0, "put"), compared(0, "put"), compared(1, "put")]);
  assert.equal(
    [twice.nights, twice.segments[0]!.nights, twice.series[0]!.points.length],
    [3, 3, 3],
  );
  assert.match(twice.verdict.reasons[0]!, /^3 points of this host and reference/);
  const suites = trend([], [compared(0, "put"), compared(0, "range"), compared(1, "put")]);
  assert.equal([suites.nights, suites.segments[0]!.nights], [2, 2]);
});

test("a point with errors is left out, and too few requests make no gate of p99", () => {
  const failed = runsOf(1, 0.5);
  for (const result of failed) result.verdict = { kind: "errors", reasons: ["it broke"] };
  const few = runsOf(2, 1);
  for (const result of few) result.operations[0]!.requests.succeeded = 5_000;
  const found = trend([...runsOf(0, 1), ...failed, ...few]);
  assert.is(found.nights, 2);
  assert.match(found.leftOut[0]!.reason, /2 of 2 runs had errors/);
  const p99 = found.series.find(({ metric }) => metric === "p99")!;
  assert.not(p99.isGate);
  assert.match(p99.reason ?? "", /a run has 5,000 requests/);
});

test("a folder without points is refused, with the reasons", () => {
  assert.throws(
    () => trend([run(0, { side: "head" })]),
    (thrown: unknown) =>
      thrown instanceof BenchError && /has no points: 1 result of/.test(thrown.message),
  );
});

test("a trend whose newest points lack the p99 for failures is undecided and names them", () => {
  const failing = (result: RunResult): RunResult => {
    const [operation] = result.operations;
    const { count } = operation!.serviceTime;
    const missing = { count, histogram: "" };
    const serviceTime = { ...operation!.serviceTime, p99Ms: null, missing, atLeast: { p99Ms: 1 } };
    const requests = { ...operation!.requests, failed: 300 };
    return { ...result, operations: [{ ...operation!, requests, serviceTime }] };
  };
  const results = Array.from({ length: 20 }, (_, day) => {
    const [base, head] = runsOf(day, 1);
    return [base!, day < 17 ? head! : failing(head!)];
  });
  const found = trend(results.flat());
  assert.is(found.verdict.kind, "undecided");
  assert.match(
    found.verdict.reasons.join(),
    /^p99 of put is not known for 1 of 1 run of .*failed$/,
  );
  const gap = found.gaps.find(({ metric }) => metric === "p99")!;
  assert.equal(gap.nights, ["2026-01-18", "2026-01-19", "2026-01-20"]);
  assert.match(
    found.notes.join(" "),
    /3 points without p99 of put, 2026-01-18, 2026-01-19, 2026-01-20/,
  );
  // Points that earlier versions compared have no such metric at all.
  const { points } = seriesPointsOf([], placed(results.flat()), {});
  for (const { comparison } of points.slice(17)) {
    const [cell] = comparison.cells;
    cell!.metrics = cell!.metrics.filter(({ metric }) => metric !== "p99");
  }
  assert.equal(trendOf(points, [], { source: "nightly" }).verdict, {
    kind: "undecided",
    reasons: ["the newest point has no p99 of put"],
  });
});

test.run();
