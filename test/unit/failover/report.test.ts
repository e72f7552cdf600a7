/** Tests a failover report: its rows, its verdict by what was found of the data, its formats. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { distributionOf } from "../../../src/failover/distribution.ts";
import { DATA_METRICS } from "../../../src/failover/metrics.ts";
import { parseFailoverLimit } from "../../../src/failover/thresholds.ts";
import { renderFailoverMarkdown } from "../../../src/report/failover/markdown.ts";
import { renderFailoverTable } from "../../../src/report/failover/table.ts";
import { renderFailoverPage } from "../../../src/report/html/failover-page.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import type { AvailabilityWorkload } from "../../../src/workloads/availability/schema.ts";
import { availabilityOf, groupOf, UNREAD_WRITES } from "../../fixtures/availability-fixture.ts";
import { failoverReportOf, trialOf } from "../../fixtures/failover-fixture.ts";
import { planFixture, resultFixture } from "../../fixtures/result-fixture.ts";

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

test("control runs of which no write was acknowledged leave the report incomplete", () => {
  const silent = availabilityOf(0, { fault: null });
  silent.writes!.acknowledged = 0;
  const { verdict } = failoverReportOf([900], { control: [trialOf(1, silent)] });
  assert.equal(verdict, {
    kind: "incomplete",
    reasons: ["in control runs no write was acknowledged, so that none could be lost"],
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

test.run();
