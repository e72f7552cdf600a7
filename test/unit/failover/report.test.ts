import { test } from "uvu";
import * as assert from "uvu/assert";
import { trialLine } from "../../../src/cli/failover/trial-line.ts";
import { distributionOf } from "../../../src/failover/distribution.ts";
import { DATA_METRICS, RECOVERY_METRICS, SERVICE_METRICS } from "../../../src/failover/metrics.ts";
import { FAILOVER_METRICS, parseFailoverLimit } from "../../../src/failover/thresholds.ts";
import { renderFailoverMarkdown } from "../../../src/report/failover/markdown.ts";
import { renderFailoverTable } from "../../../src/report/failover/table.ts";
import { renderFailoverPage } from "../../../src/report/html/failover-page.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { longerLeaseNotes } from "../../../src/result/target-notes.ts";
import type { AvailabilityWorkload } from "../../../src/workloads/availability/schema.ts";
import { availabilityOf, groupOf, UNREAD_WRITES } from "../../fixtures/availability-fixture.ts";
import { failoverReportOf, sessionOf, trialOf } from "../../fixtures/failover-fixture.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

const REMOVAL = {
  ...{ kind: "remove", text: null, member: "m1", revision: null, error: null },
  ...{ startSeconds: 1, durationSeconds: null },
};

const limit = (text: string) => parseFailoverLimit("--threshold", text);

test("a distribution has extremes and median, and with enough trials the median's interval", () => {
  const figure = distributionOf([3, 1, null, 2, 5, 4, 6]);
  assert.equal([figure.min, figure.median, figure.max, figure.p90], [1, 3.5, 6, null]);
  assert.equal([figure.medianLow, figure.medianHigh], [1, 6]);
  assert.is(distributionOf([1, 2, 3]).medianLow, null);
  assert.is(distributionOf(Array.from({ length: 10 }, (_, at) => at)).p90, 8);
});

test("rows are grouped by operation and by the member of the clients", () => {
  const { rows, verdict, measured } = failoverReportOf([900, 1_000, 1_100]);
  assert.equal(
    rows.map(({ operation, role }) => `${operation} ${role}`),
    ["put all", "put other", "put faulted"],
  );
  const [all, other] = rows;
  assert.equal([all!.longestWindowMs.min, all!.longestWindowMs.max], [900, 1_100]);
  // The worse one of the two other members.
  assert.is(other!.longestWindowMs.max, 1_200);
  assert.is(measured, 3);
  assert.equal(verdict, {
    kind: "passed",
    reasons: ["no acknowledged write was lost or applied twice"],
  });
});

test("notes report leases that etcd lengthened, once for all trials", () => {
  const [note] = longerLeaseNotes(1, 2);
  const longer = (run: RunResult): RunResult => ({ ...run, notes: [...run.notes, note!] });
  const faulted = [1, 2].map((trial) => longer(trialOf(trial, availabilityOf(900))));
  const { notes } = failoverReportOf([900, 900], { faulted });
  assert.equal(
    notes.filter((each) => each.includes(note!)),
    [`In 2 of 2 trials: ${note}`],
  );
});

test("notes report a busy machine during trials and controls, with the share", () => {
  const busy = (run: RunResult, otherCpuPercent: number): RunResult => {
    return { ...run, machine: { ...run.machine!, otherCpuPercent, idleCpuPercent: 2 } };
  };
  const trials = [1, 2, 3].map((trial) => trialOf(trial, availabilityOf(900)));
  const faulted = [busy(trials[0]!, 30), trials[1]!, busy(trials[2]!, 70)];
  const control = [busy(trialOf(1, availabilityOf(0, { fault: null })), 50)];
  const { notes } = failoverReportOf([900, 900, 900], { faulted, control });
  assert.equal(
    notes.filter((note) => note.startsWith("Other")),
    [
      "Other processes took 30% to 70% of this machine's CPU during 2 of 3 trials: their figures are those of a busy machine.",
      "Other processes took 50% of this machine's CPU during 1 of 1 control: their figures are those of a busy machine.",
    ],
  );
});

test("one lost write in any trial fails the report", () => {
  const lost = availabilityOf(900);
  lost.writes!.lost = 1;
  const { verdict } = failoverReportOf([900], { faulted: [trialOf(1, lost)] });
  assert.is(verdict.kind, "failed");
  assert.match(verdict.reasons[0]!, /^1 acknowledged write lost$/);
});

test("a report without an assessed trial has the settings of its plan, and no figure of no run", () => {
  const plan = planFixture({
    ...{ labels: { trial: "1" }, pacing: { ratePerSec: 150 }, load: { timeoutMs: 5_000 } },
  });
  const stopped: RunResult = { ...resultFixture({ plan }), status: "interrupted" };
  const workload: AvailabilityWorkload = {
    ...{ kind: "availability", operations: ["put"], prefix: "", valSizeBytes: 256 },
    ...{ slowMs: 700, ttlSeconds: 5, statusEveryMs: 100 },
  };
  stopped.plan.workload = workload;
  const report = failoverReportOf([900, 900], { faulted: [stopped], control: [] });
  const { ratePerSec, timeoutMs, slowMs, data } = report;
  assert.equal([ratePerSec, timeoutMs, slowMs], [150, 5_000, 700]);
  assert.is(data.longestStaleMs, null);
  for (const { name, of } of DATA_METRICS) assert.is(of(data), null, name);
  const table = renderFailoverTable(report, { color: false, widthColumns: null });
  assert.match(table, /150 requests\/s, deadline 5\.00 s, slow after 700 ms/);
  assert.match(table, "No run was measured to its end.");
  assert.not.match(table, "stale by up to");
  assert.match(table, /1 of 1 trial could not be assessed/);
});

const unread = () => trialOf(2, availabilityOf(900, { writes: UNREAD_WRITES }));
const faulted = () => [trialOf(1, availabilityOf(900)), unread()];
const UNREAD_REASON = "m1 could not be read at the end: UNAVAILABLE: refused";

test("a trial whose members could not be read leaves the report incomplete, with the member", () => {
  const report = failoverReportOf([900, 900], { faulted: faulted() });
  assert.equal(report.verdict, { kind: "incomplete", reasons: [`trial 2: ${UNREAD_REASON}`] });
  const { lost, inDoubt, inDoubtApplied, appliedTwice } = report.data;
  assert.equal([lost, inDoubt, inDoubtApplied, appliedTwice], [null, 50, null, null]);
  const table = renderFailoverTable(report, { color: false, widthColumns: null });
  assert.match(table, /of them lost +- +0\n/);
  assert.match(table, /of them applied +- +1\n/);
});

test("a control run whose members could not be read leaves the report incomplete", () => {
  const control = [trialOf(2, availabilityOf(0, { fault: null, writes: UNREAD_WRITES }))];
  const { verdict } = failoverReportOf([900], { control });
  assert.equal(verdict, { kind: "incomplete", reasons: [`control 2: ${UNREAD_REASON}`] });
});

test("one of several members that could not be read leaves the report incomplete", () => {
  const some = availabilityOf(900);
  some.writes!.members.push({ ...UNREAD_WRITES.members[0]!, member: "m3" });
  const { verdict } = failoverReportOf([900], { faulted: [trialOf(1, some)] });
  assert.is(verdict.kind, "incomplete");
  assert.match(verdict.reasons.join(), "trial 1: m3 could not be read");
});

test("a write that one trial lost fails the report, although another one could not be read", () => {
  const lost = availabilityOf(900);
  lost.writes!.lost = 1;
  const { verdict, data } = failoverReportOf([900, 900], { faulted: [trialOf(1, lost), unread()] });
  assert.is(data.lost, 1);
  assert.equal(verdict, {
    kind: "failed",
    reasons: ["1 acknowledged write lost", `trial 2: ${UNREAD_REASON}`],
  });
});

test("a write that a control run lost fails the report", () => {
  const lost = availabilityOf(0, { fault: null });
  lost.writes!.lost = 1;
  const { verdict } = failoverReportOf([900], { control: [trialOf(1, lost)] });
  assert.equal(verdict, {
    kind: "failed",
    reasons: ["1 acknowledged write lost in control runs"],
  });
});

test("members whose hashes could not be compared leave the report incomplete", () => {
  const trial = (isEqual: boolean | null, at: number) => {
    const hash = isEqual === null ? null : 7;
    const member = { name: "m1", endpoint: "h:1", hash, compactRevision: 1, durationSeconds: 1 };
    const members = [{ ...member, error: hash === null ? "UNAVAILABLE: refused" : null }];
    return { ...trialOf(at, availabilityOf(900)), hashKv: { revision: 9, isEqual, members } };
  };
  const { data, verdict } = failoverReportOf([900, 900], {
    faulted: [trial(true, 1), trial(null, 2)],
  });
  assert.is(data.hashesDiffer, null);
  assert.equal(verdict, {
    kind: "incomplete",
    reasons: ["trial 2: the members could not be compared by HashKV: m1: UNAVAILABLE: refused"],
  });
});

test("where nothing was answered, the report is incomplete, and no finding is a 0", () => {
  const operations = ["put", "range-linearizable", "watch", "lease-keepalive", "lock"];
  const groups = operations.map((operation) => {
    return { ...groupOf(operation, "all", null, 900), good: 0, failed: 100 };
  });
  const attachment = "all";
  const silent = availabilityOf(900, {
    groups,
    writes: { ...availabilityOf(900).writes!, acknowledged: 0 },
    reads: [
      {
        ...{ operation: "range-linearizable", attachment, answered: 0, stale: 0, notFound: 0 },
        ...{ longestStaleMs: 0, mostRevisionsBehind: 0 },
      },
    ],
    watches: [
      {
        ...{ attachment, events: 0, longestGapMs: 0, gapStartMs: null, duplicates: 0 },
        ...{ outOfOrder: 0, lost: 0, notDelivered: 0, resumes: 0, longestResumeMs: null },
      },
    ],
    leases: [{ attachment, expired: 0, expiredEarly: 0, longestGapMs: 0 }],
    locks: { acquired: 0, twoOwners: 0, expiredEarly: 0 },
  });
  const { data, verdict, watchGapMs } = failoverReportOf([900], {
    faulted: [trialOf(1, silent)],
  });
  assert.equal(verdict, {
    kind: "incomplete",
    reasons: [
      "no write was acknowledged, so that none could be lost",
      "no linearizable read was answered",
      "no watch event came",
      "no keep-alive was answered",
      "no lock was acquired",
    ],
  });
  assert.equal(
    [data.wentBack, data.notFound, data.stale, data.longestStaleMs, data.eventsLost],
    [null, null, null, null, null],
  );
  assert.equal([data.leasesExpiredEarly, data.twoOwners, data.eventsTwice], [null, null, null]);
  assert.is(watchGapMs.max, null);
});

test("events that had not come by the end of a run leave the report incomplete", () => {
  const watch = {
    ...{
      attachment: "m1",
      events: 9,
      longestGapMs: 9,
      gapStartMs: 1,
      duplicates: 0,
      outOfOrder: 0,
    },
    ...{ lost: 0, notDelivered: 5, resumes: 0, longestResumeMs: null },
  };
  const groups = ["put", "watch"].map((operation) => groupOf(operation, "m1", true, 100));
  const trial = trialOf(1, availabilityOf(900, { groups, watches: [watch] }));
  const { verdict, watchGapMs } = failoverReportOf([900], { faulted: [trial] });
  assert.is(watchGapMs.max, null);
  assert.equal(verdict, {
    kind: "incomplete",
    reasons: ["5 watch events had not come by the end"],
  });
});

test("thresholds use the worst trial, without the clients on the faulted member only", () => {
  const thresholds = ["unavailable<2s", "put:unavailable<1s", "lost-writes==0", "elected<=1s"];
  const report = failoverReportOf([900, 1_900], { thresholds: thresholds.map(limit) });
  assert.equal(
    report.thresholds.map(({ outcome }) => outcome),
    ["broken", "broken", "held", "held"],
  );
  assert.is(report.verdict.kind, "failed");
});

test("a threshold can be for the clients on the faulted member only", () => {
  const thresholds = ["put@faulted:unavailable<2s", "put@other:unavailable<1s"].map(limit);
  const report = failoverReportOf([900], { thresholds });
  assert.equal(
    report.thresholds.map(({ actual, outcome }) => [actual, outcome]),
    [
      [3_600, "broken"],
      [1_000, "broken"],
    ],
  );
});

test("each figure can have a threshold by its name", () => {
  const report = failoverReportOf([900], {
    thresholds: FAILOVER_METRICS.map((name) => {
      const unit = [...SERVICE_METRICS, ...RECOVERY_METRICS, ...DATA_METRICS].find((each) => {
        return each.name === name;
      })!.unit;
      return limit(`${name}>=${{ ms: "0", count: "0", percent: "0%" }[unit]}`);
    }),
  });
  const undecided = report.thresholds.filter(({ outcome }) => outcome !== "held");
  // The trial has puts alone, no hashes, and neither catch-up nor full speed.
  assert.equal(
    undecided.map(({ expression }) => expression.replace(/>=.*/, "")),
    [
      ...["full-speed", "caught-up", "watch-gap", "watch-resume", "differing-hashes"],
      ...["backward-reads", "stale-reads", "stale-for", "lost-events", "doubled-events"],
      ...["disordered-events", "early-leases", "two-owners"],
    ],
  );
});

test("a threshold is undecided if a trial does not have the figure", () => {
  const report = failoverReportOf([900], { thresholds: [limit("caught-up<5s")] });
  const reason = "no trial has the figure";
  assert.equal(
    report.thresholds.map((each) => [each.outcome, each.reason]),
    [["undecided", reason]],
  );
  assert.match(report.verdict.reasons[0]!, `threshold caught-up<5s is undecided (${reason})`);
});

test("a trial without the figure can make a threshold undecided, and not hold what another has broken", () => {
  const limits = ["elected<1s", "elected<5s", "elected>=0s"].map(limit);
  const [one, other] = [900, 1_900].map((ms, at) => trialOf(at + 1, availabilityOf(ms)));
  one!.availability!.leadership!.leaderElectedMs = null;
  other!.availability!.leadership!.leaderElectedMs = 1_200;
  const report = failoverReportOf([], { thresholds: limits, faulted: [one!, other!] });
  assert.equal(
    report.thresholds.map(({ outcome, reason }) => [outcome, reason]),
    [
      ["broken", null],
      ["undecided", "a trial does not have the figure"],
      ["undecided", "a trial does not have the figure"],
    ],
  );
});

test("where all clients are on the faulted member, a threshold says how they are named", () => {
  const group = groupOf("put", "one", true, 900);
  const trial = trialOf(1, availabilityOf(900, { groups: [group] }));
  const thresholds = ["unavailable<2s", "put@faulted:unavailable<2s"].map(limit);
  const report = failoverReportOf([900], { faulted: [trial], thresholds });
  assert.equal(
    report.thresholds.map(({ outcome }) => outcome),
    ["undecided", "held"],
  );
  assert.match(report.thresholds[0]!.reason!, "put@faulted:unavailable names these");
});

/** The client pauses once, from 5.2 s on. */
function pausing(result: RunResult, pausedMs: number): RunResult {
  const pause = { startSeconds: 5.2, durationMs: pausedMs, workers: 1, isOfMainThread: true };
  const pauses: RunResult["client"]["pauses"] = {
    ...{ count: 1, totalMs: pausedMs, longestMs: pausedMs, percent: 10 },
    ...{ mainThreadCount: 0, mainThreadTotalMs: 0 },
    longest: pausedMs === 0 ? [] : [{ ...pause, cause: "not-run" }],
  };
  return { ...result, client: { ...result.client, pauses } };
}

/** One trial with a window of all clients; `pausedMs`: the client's pause at its start. */
function undecidedReport(thresholds: readonly string[], pausedMs: number, isOpen: boolean) {
  const group = groupOf("put", "all", false, 2_900);
  group.windows[0]!.isOpen = isOpen;
  const trial = pausing(trialOf(1, availabilityOf(900, { groups: [group] })), pausedMs);
  return failoverReportOf([2_900], { faulted: [trial], thresholds: thresholds.map(limit) });
}

test("a window still open at the end can break a threshold, but cannot hold one with an upper limit", () => {
  const report = undecidedReport(["unavailable<1s", "unavailable<1h", "unavailable>=1s"], 0, true);
  assert.equal(
    report.thresholds.map(({ outcome }) => outcome),
    ["broken", "undecided", "held"],
  );
  assert.match(report.thresholds[1]!.reason!, "still open");
  // With one trial the extremes and the median are bounds too.
  assert.match(
    renderFailoverTable(report, { color: false, widthColumns: null }),
    />=2\.90 s +>=2\.90 s +>=2\.90 s/,
  );
});

test("a threshold that is broken only because the client paused is undecided", () => {
  const thresholds = ["unavailable<300ms", "unavailable<500ms", "unavailable<3s", "elected<700ms"];
  const report = undecidedReport(thresholds, 2_500, false);
  assert.equal(
    report.thresholds.map(({ outcome }) => outcome),
    ["broken", "undecided", "held", "undecided"],
  );
  assert.match(report.thresholds[1]!.reason!, "the client paused");
  assert.match(report.notes.join(" "), "the client paused for up to 2500 ms in one trial");
});

test("an invalid threshold is refused with an example", () => {
  assert.throws(() => limit("unavailable"), /--threshold='unavailable<3s'/);
  assert.throws(() => limit("lost-keys==0"), /not one of unavailable/);
  assert.throws(() => limit("put:lost-writes==0"), /lost-writes is of the whole cluster/);
  assert.throws(() => limit("unavailable<3"), /no time with a unit/);
  assert.throws(() => limit("availability>99"), /no share in percent/);
});

test("fewer results than trials make the report incomplete", () => {
  const { verdict } = failoverReportOf([900], { trials: 2 });
  assert.is(verdict.kind, "incomplete");
});

test("a run without its fault does not count as a trial, but its lost writes do", () => {
  const lost = availabilityOf(0);
  lost.writes!.lost = 1;
  const failed = {
    ...trialOf(2, lost),
    moments: [
      {
        ...{ kind: "exec", text: "exec ./cut", member: null, revision: null },
        ...{ startSeconds: 5, durationSeconds: 1, error: "./cut start: it ended with exit code 3" },
      },
    ],
  };
  const never = trialOf(3, availabilityOf(0, { fault: null }));
  const faulted = [trialOf(1, availabilityOf(900)), failed, never];
  const report = failoverReportOf([900, 0, 0], { faulted });
  assert.is(report.measured, 1);
  assert.is(report.rows[0]!.longestWindowMs.min, 900);
  assert.match(report.notes.join(" "), /In 2 of 3 trials the fault was not made .*exit code 3/);
  assert.match(report.verdict.reasons.join(" "), "1 acknowledged write lost");
  const whole = failoverReportOf([900, 0], { faulted: [faulted[0]!, never] });
  assert.is(whole.verdict.kind, "incomplete");
});

test("a note reports a window in a control run", () => {
  const control = [trialOf(1, availabilityOf(700, { fault: null }))];
  const { notes } = failoverReportOf([900], { control });
  assert.match(notes.join(" "), "A control run had a window of 800 ms");
});

/** Notes on one control, which has a window of `windowMs` in which the client paused. */
function notesOfControl(windowMs: number, pausedMs: number): string {
  const groups = [groupOf("put", "all", null, windowMs)];
  const control = [pausing(trialOf(1, availabilityOf(0, { fault: null, groups })), pausedMs)];
  return failoverReportOf([900], { control }).notes.join(" ");
}

test("a window of a control that the client's pause made is not charged to the machine", () => {
  const notes = notesOfControl(1_510, 1_300);
  assert.not.match(notes, "this machine, its disk or its network");
  assert.match(notes, "The client paused for up to 1300 ms in one control");
});

test("of a control's window with a short pause, the rest is charged to the machine", () => {
  const notes = notesOfControl(2_000, 300);
  assert.match(notes, "a window of 1700 ms without any fault and beyond the client's own pauses");
  assert.match(notes, "The client paused for up to 300 ms in one control");
});

test("the line of a run has the client's pause within its longest window", () => {
  const groups = [groupOf("put", "all", null, 1_510)];
  const control = trialOf(1, availabilityOf(0, { fault: null, groups }));
  assert.match(
    trialLine("control 1", [pausing(control, 1_300)]),
    "unavailable for 1.51 s (the client paused for 1.30 s of it), ",
  );
  assert.match(trialLine("control 1", [control]), "unavailable for 1.51 s, ");
});

test("notes count the controls, as the trials, in which the client was the limit", () => {
  const control = [trialOf(1, availabilityOf(0, { fault: null }))];
  control[0]!.verdict = { kind: "client-limited", reasons: ["it paused"] };
  const { notes } = failoverReportOf([900], { control });
  assert.match(notes.join(" "), "In 1 of 1 control the client paused or was busy");
  assert.not.match(notes.join(" "), "trial the client paused");
});

test("notes count the trials and controls that did not meet their rate, with the reason", () => {
  const reason = "30 of 800 availability requests that were due could not be sent: raise --clients";
  const [faulted, control] = [
    trialOf(1, availabilityOf(0)),
    trialOf(1, availabilityOf(0, { fault: null })),
  ];
  control!.verdict = { kind: "rate-unmet", reasons: [reason] };
  const notesOf = () =>
    failoverReportOf([], { faulted: [faulted!], control: [control!] }).notes.join("\n");
  assert.match(notesOf(), `In 1 of 1 control the rate was not met: ${reason}.`);
  assert.not.match(notesOf(), "trial the rate");
  faulted!.verdict = control!.verdict;
  assert.match(notesOf(), `In 1 of 1 trial the rate was not met: ${reason}.`);
});

test("a note says that trials were measured on different machines, and with different versions", () => {
  const faulted = [trialOf(1, availabilityOf(0)), trialOf(2, availabilityOf(0))];
  const notesOf = () => failoverReportOf([], { faulted }).notes.join("\n");
  assert.not.match(notesOf(), "different");
  faulted[1]!.environment = { ...faulted[1]!.environment, cpusAvailable: 1 };
  faulted[1]!.target = { ...faulted[1]!.target, version: "3.6.1" };
  assert.match(
    notesOf(),
    /^The trials and controls were measured on different machines, 2 x .* and 1 x /m,
  );
  assert.match(
    notesOf(),
    /^.* were measured with different versions of etcd, 3\.5\.30 and 3\.6\.1: /m,
  );
});

test("with a fault of no member, a group has the role any", () => {
  const fault = { kind: "compact", member: null, startMs: 5_000, endMs: 5_010 };
  const groups = [groupOf("put", "m1", null, 100)];
  const result = trialOf(1, availabilityOf(100, { fault, groups }));
  const { rows } = failoverReportOf([100], { faulted: [result] });
  assert.is(rows[0]!.role, "any");
});

test("table and markdown show every section", () => {
  const report = failoverReportOf([900, 1_900], { thresholds: [limit("unavailable<2s")] });
  const table = renderFailoverTable(report, { color: false, widthColumns: null });
  for (const title of ["What clients saw", "Recovery by phase", "Controls", "Thresholds"]) {
    assert.match(table, title);
  }
  assert.match(table, "Verdict: failed: threshold unavailable<2s is broken");
  assert.match(renderFailoverMarkdown(report), "### Recovery by phase");
  const page = renderFailoverPage(report);
  assert.match(page, "Each trial, aligned at the fault");
  assert.match(page, "Longest window of each trial");
});

test("a report says how the cluster changed in trials and controls, but for what the fault does", () => {
  const change = (kind: "member" | "leader", text: string) => {
    return { kind, text, isFault: false, atSeconds: 1 };
  };
  const joined = change("member", "m4 joined");
  const { faulted, control } = sessionOf([900, 1_000]);
  faulted[1]!.target.changes = [change("leader", "the leader moved"), joined];
  control[0]!.target.changes = [change("leader", "the leader moved by itself")];
  const notesOf = () => failoverReportOf([900, 1_000], { faulted, control }).notes.join("\n");
  assert.match(notesOf(), /^The cluster changed during 1 of 2 trials: m4 joined\.$/m);
  assert.match(
    notesOf(),
    /^The cluster changed during 1 of 1 control: the leader moved by itself/m,
  );
  faulted[0]!.moments = [REMOVAL];
  assert.not.match(notesOf(), /m4 joined/);
});

test.run();
