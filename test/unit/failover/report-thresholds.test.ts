/** Tests the thresholds of a failover report: whose figure they use, and when they are undecided. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DATA_METRICS, RECOVERY_METRICS, SERVICE_METRICS } from "../../../src/failover/metrics.ts";
import { FAILOVER_METRICS, parseFailoverLimit } from "../../../src/failover/thresholds.ts";
import { renderFailoverTable } from "../../../src/report/failover/table.ts";
import { availabilityOf, groupOf } from "../../fixtures/availability-fixture.ts";
import { failoverReportOf, pausing, trialOf } from "../../fixtures/failover-fixture.ts";

const limit = (text: string) => parseFailoverLimit("--threshold", text);

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

test.run();
