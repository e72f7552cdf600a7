/** Tests comparisons of bench failover trials: outages, recovery, and lost writes. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns } from "../../../src/compare/compare.ts";
import { gatesOf } from "../../../src/compare/from-flags.ts";
import { comparisonSchema } from "../../../src/compare/schema.ts";
import { trendOf } from "../../../src/compare/trend/trend.ts";
import { verdictSentence } from "../../../src/report/comparison/words.ts";
import { renderSubject } from "../../../src/report/format.ts";
import { REPORT_FORMATS } from "../../../src/report/formats.ts";
import type { Availability } from "../../../src/result/availability-schema.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { availabilityOf, UNREAD_WRITES } from "../../fixtures/availability-fixture.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { operationFixture, planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const OPTIONS = { baseLabel: "a", headLabel: "b" };

/** The fault of the n-th trial is n ms after a whole second. */
function trial(
  at: number,
  labels: Record<string, string>,
  availability: Availability,
  action = "kill leader",
): RunResult {
  const plan = planFixture({ labels: { failover: "x", ...labels } });
  plan.maintenance.events = labels.control ? [] : [{ atMs: 5_000 + at, lastsMs: 3_000, action }];
  return resultFixture({
    ...{ id: `run${at}`, plan, availability },
    startedAt: new Date(Date.UTC(2026, 7, 1, 10, at)).toISOString(),
    operations: [operationFixture({ name: "put" })],
  });
}

const trials = (from: number, windows: readonly number[], action?: string) =>
  windows.map((ms, at) => trial(from + at, { trial: String(at + 1) }, availabilityOf(ms), action));

const compared = (base: RunResult[], head: RunResult[]) => compareRuns(base, head, OPTIONS);

test("trials at different phases of the heartbeat are one load, without the control trials", () => {
  const control = trial(9, { control: "1" }, availabilityOf(0, { fault: null }));
  const { cells } = compared([...trials(0, [900, 1_000, 1_400]), control], trials(20, [300, 400]));
  assert.is(cells.length, 1);
  const metric = cells[0]!.metrics.find(({ metric: name }) => name === "unavailable")!;
  // The worst of the clients, except those that use only the faulted member.
  assert.equal([metric.operation, metric.base, metric.head], ["put", 1_100, 450]);
  assert.is(metric.isGate, true);
});

test("trials with different faults are compared, with a note on the difference", () => {
  const { cells, notes } = compared(trials(0, [900]), trials(20, [0], "stop leader"));
  const metric = cells[0]!.metrics.find(({ metric: name }) => name === "unavailable")!;
  // No window counts as the time between two requests.
  assert.equal([metric.base, metric.head], [1_000, 10]);
  assert.match(notes.join(" "), /action \(kill leader, stop leader\)/);
});

test("trials that failed by what a comparison counts alone are compared, and others are not", () => {
  const { writes } = availabilityOf(0);
  const headOf = (found: Partial<NonNullable<typeof writes>>, reason: string) => {
    const head = trials(20, [900]);
    head[0]!.availability = availabilityOf(900, { writes: { ...writes!, ...found } });
    head[0]!.verdict = { kind: "errors", reasons: [reason] };
    return compared(trials(0, [900]), head);
  };
  const lost = headOf({ lost: 2 }, "2 acknowledged writes lost");
  assert.equal(lost.cells[0]!.invalid, []);
  assert.is(lost.cells[0]!.metrics.find(({ metric }) => metric === "lost-writes")!.head, 2);
  const corrupt = headOf({ corrupt: 1 }, "1 value corrupt");
  assert.equal(corrupt.cells[0]!.invalid, ["1 of 2 runs had errors: 1 value corrupt"]);
});

const notesWithoutOldRate = (
  windowMs: number,
  { isOpen = false, fault }: { isOpen?: boolean; fault?: null } = {},
) => {
  const groups = availabilityOf(windowMs).groups.map((group) => ({
    ...group,
    fullRateMs: null,
    windows: group.windows.map((window) => ({ ...window, isOpen })),
  }));
  const more = fault === null ? { fault, groups } : { groups };
  const run = (at: number) => trial(at, { trial: "1" }, availabilityOf(windowMs, more));
  return compared([run(1)], [run(2)]).notes.join("\n");
};

test("the old rate is said not to have come back only where there was a fault", () => {
  const gone = /old rate back of put is not known .*: the old rate did not come back/;
  assert.match(notesWithoutOldRate(6_000, { isOpen: true }), gone);
  assert.not.match(notesWithoutOldRate(6_000, { isOpen: true, fault: null }), /old rate/);
});

test("a run that ended too soon after the fault is not said to have lost the old rate", () => {
  const short =
    /old rate back of put is not known for 1 of 1 run of a: the run ended less than 5 s/;
  for (const notes of [
    notesWithoutOldRate(0),
    notesWithoutOldRate(900),
    notesWithoutOldRate(900, { isOpen: true }),
  ]) {
    assert.match(notes, short);
    assert.not.match(notes, /did not come back|full-rate/);
  }
});

test("pairs of trials get a verdict on their longest windows", () => {
  const base = Array.from({ length: 8 }, (_, at) => trials(4 * at, [1_000 + at])[0]!);
  const head = Array.from({ length: 8 }, (_, at) => trials(4 * at + 2, [2_000 + at])[0]!);
  const comparison = compared(base, head);
  assert.is(comparison.verdict.kind, "slower");
  assert.match(verdictSentence(comparison), /^longer: put longest window 1.9/);
});

test("an outage that its run did not see the end of is a lower bound, and no ratio", () => {
  const open = trials(20, [5_000])[0]!;
  for (const { windows } of open.availability!.groups)
    for (const each of windows) each.isOpen = true;
  const of = (base: RunResult[], head: RunResult[]) =>
    compared(base, head).cells[0]!.metrics.find(({ metric }) => metric === "unavailable")!;
  const inHead = of(trials(0, [900]), [open]);
  assert.equal(
    [inHead.base, inHead.head, inHead.headBounds, inHead.ratio],
    [1_000, null, { atLeast: 5_100, atMost: null }, null],
  );
  assert.match(inHead.notKnown!, "it was not over when the run ended");
  assert.is(of([open], trials(30, [6_000])).verdict, null);
  assert.is(of([open], trials(30, [6_000])).ratio, null);
});

test("eight outages without an end are longer, and eight shorter than those without an end are shorter", () => {
  const verdictOf = (baseMs: number, headMs: number, isOpen: "base" | "head") => {
    const side = (from: number, ms: number, open: boolean) =>
      Array.from({ length: 8 }, (_, at) => {
        const run = trials(4 * at + from, [ms + at])[0]!;
        for (const { windows } of run.availability!.groups)
          for (const each of windows) each.isOpen = open;
        return run;
      });
    const { cells } = compared(
      side(0, baseMs, isOpen === "base"),
      side(2, headMs, isOpen === "head"),
    );
    return cells[0]!.metrics.find(({ metric }) => metric === "unavailable")!.verdict;
  };
  assert.is(verdictOf(1_000, 3_000, "head"), "slower");
  assert.is(verdictOf(3_000, 1_000, "head"), "undecided");
  assert.is(verdictOf(3_000, 1_000, "base"), "faster");
});

test("a leader that was lost, and whose successor was not seen, makes no figure of the other trials", () => {
  const head = trials(20, [900, 900, 900]);
  head[1]!.availability!.leadership!.leaderElectedMs = null;
  const of = () =>
    compared(trials(0, [900, 900, 900]), head).cells[0]!.metrics.find(
      ({ metric }) => metric === "elected",
    )!;
  assert.match(of().notKnown!, "for 1 of 3 runs of b: no leader was seen until the end");
  assert.is(of().ratio, null);
  head[1]!.availability!.leadership!.leaderLostMs = null;
  assert.is(of().notKnown, null);
});

test("one lost acknowledged write makes the head worse, even without pairs", () => {
  const head = trials(20, [900]);
  head[0]!.availability!.writes!.lost = 1;
  const comparison = compared(trials(0, [900]), head);
  assert.match(verdictSentence(comparison), /^more: etcd writes lost 0 to 1/);
  assert.equal(comparisonSchema.parse(comparison), comparison);
  const subject = { kind: "comparison", comparison } as const;
  for (const { name, shows } of REPORT_FORMATS.filter((each) =>
    each.shows.includes("comparison"),
  )) {
    assert.ok(shows.length > 0);
    const text = renderSubject(formatNamed(name), subject, { color: false, widthColumns: null });
    assert.not.match(text, /NaN|undefined</, name);
  }
});

test("what could not be read of one side is undecided, and no sign of an equal", () => {
  const head = trials(20, [900]);
  head[0]!.availability!.writes = UNREAD_WRITES;
  const { cells, verdict } = compared(trials(0, [900]), head);
  const metric = cells[0]!.metrics.find(({ metric: name }) => name === "lost-writes")!;
  assert.equal([metric.base, metric.head, metric.verdict], [0, null, "undecided"]);
  assert.is(verdict.kind, "undecided");
  assert.match(metric.notKnown!, "writes lost of etcd is not known of b");
});

test("a trend has series of the windows, and raises an alarm for a lost write in its newest point", () => {
  const point = (at: number, lost: number) => {
    const head = trials(100 * at + 20, [1_000]);
    head[0]!.availability!.writes!.lost = lost;
    return { name: `n${at}`, comparison: compared(trials(100 * at, [900]), head) };
  };
  const quiet = trendOf([point(1, 0), point(2, 0)], [], { source: "nightly" });
  assert.is(quiet.verdict.kind, "too-few");
  assert.ok(
    quiet.series.some(({ operation, metric }) => `${operation} ${metric}` === "put unavailable"),
  );
  const { verdict } = trendOf([point(1, 0), point(2, 1)], [], { source: "nightly" });
  assert.equal(verdict, { kind: "alarm", reasons: ["lost-writes is 1 in the newest point"] });
});

test("an outage can be a gate", () => {
  assert.equal(gatesOf("put:unavailable"), [{ operation: "put", metric: "unavailable" }]);
});

test.run();
