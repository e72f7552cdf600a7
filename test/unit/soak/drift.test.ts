/** Tests which figures drift, and the verdict of a soak. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { seededRandom } from "../../../src/random.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { driftsOf } from "../../../src/soak/drift.ts";
import { soakReport } from "../../../src/soak/report.ts";
import type { Drift } from "../../../src/soak/report-schema.ts";
import type { SoakRow } from "../../../src/soak/row-schema.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";
import { type RowFigures, soakRow, soakRows } from "../../fixtures/soak-rows.ts";

test.before(initHistograms);

/** The drift of a client RSS that is `bytesAt` with 1% noise. */
function clientRss(count: number, bytesAt: (at: number) => number): Drift {
  const random = seededRandom(5, 1);
  const noisy = (at: number): RowFigures => ({
    clientRssBytes: bytesAt(at) * (0.99 + 0.02 * random()),
  });
  return ofClient(soakRows(count, noisy), "RSS");
}

function ofClient(rows: readonly SoakRow[], figure: string): Drift {
  return driftsOf(rows).find((each) => each.subject === "client" && each.figure === figure)!;
}

function reportOf(rows: readonly SoakRow[], maxErrorRate = 0, results: readonly RunResult[] = []) {
  return soakReport({
    ...{ id: "s", startedAt: "2026-01-01T00:00:00.000Z", describe: "put", everyMs: 600_000 },
    ...{ plannedMs: 7_200_000, maxErrorRate, rows, results },
  });
}

test("a note says in how many segments Little's law does not hold", () => {
  const littlesLaw = { expectedMeanMs: 10, measuredMeanMs: 5, ratio: 0.5 };
  const broken = resultFixture({ operations: [operationFixture({ littlesLaw })] });
  const { notes } = reportOf([soakRow(1, {})], 0, [broken, resultFixture()]);
  assert.match(notes.join("\n"), /^Little's law does not hold for put in 1 of 2 segments: /m);
});

test("a note says what a segment with errors could not send", () => {
  const unsent = "333 of 600 put requests that were due could not be sent before the run ended";
  const reasons = ["42 of 267 put requests failed, above --max-error-rate=0", unsent];
  const segment = resultFixture({ verdict: { kind: "errors", reasons } });
  const { notes } = reportOf([soakRow(1, { failed: 42 })], 0, [segment]);
  assert.equal(notes.at(-1), `A segment had errors: ${reasons.join("; ")}.`);
});

test("a segment with errors that --max-error-rate allows has failed, as its exit code has it", () => {
  const reasons = ["no put request succeeded: UNAVAILABLE: gone"];
  const segment = resultFixture({ verdict: { kind: "errors", reasons } });
  const { verdict } = reportOf([soakRow(1, { failed: 42 })], 1, [segment]);
  assert.equal(verdict, { kind: "failed", reasons });
});

test("memory that grows by one percent per row drifts, with the right slope", () => {
  const drift = clientRss(30, (at) => 100e6 + 1e6 * at);
  assert.is(drift.outcome, "drifting");
  assert.ok(Math.abs(drift.perHour! - 6e6) < 0.6e6, `${drift.perHour}`);
  assert.is(drift.rows, 24);
});

test("constant, settling and falling memory does not drift", () => {
  assert.is(clientRss(30, () => 100e6).outcome, "steady");
  for (const rows of [2, 6, 12]) {
    const { outcome } = clientRss(60, (at) => 150e6 - 60e6 * Math.exp(-at / rows));
    assert.ok(["steady", "settling"].includes(outcome), `${rows}: ${outcome}`);
  }
  assert.is(clientRss(30, (at) => 160e6 - 1e6 * at).outcome, "falling");
});

test("the client is not checked if agents sent the load", () => {
  const rows = soakRows(30, () => ({})).map((row) => {
    return { ...row, client: { rssBytes: null, openFiles: null } };
  });
  assert.equal(
    driftsOf(rows).filter(({ subject }) => subject === "client"),
    [],
  );
});

test("growth within the first fifth is ignored", () => {
  const drift = clientRss(40, (at) => (at < 8 ? 60e6 + 5e6 * at : 100e6));
  assert.is(drift.outcome, "steady");
});

test("a significant but small rise is steady", () => {
  const drift = ofClient(
    soakRows(40, (at) => ({ clientRssBytes: 100e6 + 1e5 * at })),
    "RSS",
  );
  assert.ok(drift.pValue! < 0.001);
  assert.is(drift.outcome, "steady");
});

test("one more open file per row is a drift, and so is a p99 that doubles", () => {
  const rows = soakRows(30, (at) => ({ clientOpenFiles: 30 + at, p99Ms: 2 + at / 15 }));
  const drifting = driftsOf(rows).filter(({ outcome }) => outcome === "drifting");
  assert.equal(
    drifting.map(({ subject, figure }) => `${subject} ${figure}`),
    ["put p99 of the service time", "client open files"],
  );
});

test("a rise is found even if a new segment begins with less memory", () => {
  const rows = Array.from({ length: 40 }, (_, index) => {
    const at = index % 20;
    const figures = { clientRssBytes: 100e6 + 1.5e6 * at, segment: index < 20 ? 1 : 2 };
    return soakRow(index + 1, figures, at);
  });
  assert.is(ofClient(rows, "RSS").outcome, "drifting");
});

test("with fewer than ten rows after the first fifth the verdict is undecided", () => {
  const rows = soakRows(11, (at) => ({ clientRssBytes: 100e6 + 5e6 * at }));
  assert.ok(driftsOf(rows).every(({ outcome }) => outcome === "too-few"));
  assert.is(reportOf(rows).verdict.kind, "undecided");
});

test("the short last row of a soak is not compared", () => {
  const rows = [
    ...soakRows(20, () => ({})),
    soakRow(21, { durationSeconds: 12, clientOpenFiles: 900 }),
  ];
  assert.is(ofClient(rows, "open files").rows, 16);
});

test("too many failed requests give the verdict failed, a drift gives drifting, else it is steady", () => {
  const failing = soakRows(20, (at) => ({ failed: at === 3 ? 7 : 0 }));
  assert.equal(reportOf(failing).verdict, {
    kind: "failed",
    reasons: ["7 of 40007 requests of put failed"],
  });
  assert.is(reportOf(failing, 0.01).verdict.kind, "steady");
  const drifting = reportOf(soakRows(30, (at) => ({ dbSizeBytes: 20e6 + 1e6 * at })));
  assert.equal(drifting.verdict, {
    kind: "drifting",
    reasons: ["the db size of etcd1 rises"],
  });
  assert.match(drifting.notes.join(" "), /--compact-interval/);
});

test("the totals add up all rows, with the percentiles of all requests", () => {
  const [put] = reportOf(soakRows(20, (at) => ({ p99Ms: at < 10 ? 1 : 3 }))).totals;
  assert.is(put!.succeeded, 40_000);
  assert.ok(Math.abs(put!.perSec! - 40_000 / 12_000) < 1e-9);
  assert.ok(Math.abs(put!.latency.p50Ms! - 1) < 0.01);
  assert.ok(Math.abs(put!.latency.p99Ms! - 3) < 0.01);
});

test("of a hundred flat soaks with noise at most two are reported as drifting", () => {
  const random = seededRandom(17, 2);
  let alarms = 0;
  for (let each = 0; each < 100; each++) {
    const rows = soakRows(24, () => ({
      clientRssBytes: 100e6 * (0.8 + 0.4 * random()),
      rssBytes: 40e6 * (0.8 + 0.4 * random()),
      dbSizeBytes: 100e6 * (0.9 + 0.2 * random()),
    }));
    if (driftsOf(rows).some(({ outcome }) => outcome === "drifting")) alarms++;
  }
  assert.ok(alarms <= 2, `${alarms} of 100`);
});

const p99Of = (rows: readonly SoakRow[]) =>
  driftsOf(rows).find(({ figure }) => figure === "p99 of the service time")!;

test("a soak whose p99 is unknown because of failed requests is undecided, not steady", () => {
  const rows = soakRows(24, (at) => (at < 3 ? {} : { failed: 160, failedAfterMs: 101 }));
  const { outcome, boundedRows, rise } = p99Of(rows);
  assert.equal([outcome, boundedRows, rise], ["unknown", 19, null]);
  assert.equal(reportOf(rows, 0.5).verdict, {
    kind: "undecided",
    reasons: [
      "the p99 of the service time of put could not be judged: requests failed in 19 of 19 rows",
    ],
  });
});

test("a p99 drifts if its lower bounds prove that it rises", () => {
  const rows = soakRows(30, (at) => {
    return at < 15 ? { p99Ms: 2 + at } : { failed: 160, failedAfterMs: 2 + at };
  });
  assert.is(p99Of(rows).outcome, "drifting");
  assert.match(
    reportOf(rows, 0.5).verdict.reasons.join("; "),
    /the p99 of the service time of put rises/,
  );
});

test("failures in early rows prove no rise, and those of few rows do not hide a steady p99", () => {
  const early = soakRows(30, (at) => (at < 15 ? { failed: 160, failedAfterMs: 1 } : { p99Ms: 5 }));
  assert.is(p99Of(early).outcome, "unknown");
  const random = seededRandom(3, 1);
  const few = soakRows(60, (at) =>
    at === 30 ? { failed: 160, failedAfterMs: 101 } : { p99Ms: 2 + 0.1 * random() },
  );
  assert.is(p99Of(few).outcome, "steady");
  const { verdict, notes } = reportOf(few, 0.5);
  assert.is(verdict.kind, "steady");
  assert.match(notes.join(" "), /only bounds are known in 1 of 48 rows: requests failed/);
});

test("the share of failed requests drifts as other figures do", () => {
  const random = seededRandom(3, 1);
  const rows = soakRows(30, (at) => {
    return { failed: Math.round(10 * at * (0.8 + 0.4 * random())), failedAfterMs: 101 };
  });
  const share = driftsOf(rows).find(({ figure }) => figure === "failed share")!;
  assert.equal([share.outcome, share.unit], ["drifting", "percent"]);
  const { verdict, notes } = reportOf(rows, 0.5);
  assert.equal(verdict, { kind: "drifting", reasons: ["the failed share of put rises"] });
  assert.match(
    notes.join(" "),
    /The p99 of the service time of put could not be judged: requests failed/,
  );
  const none = driftsOf(soakRows(30, () => ({})));
  assert.not(none.some(({ figure }) => figure === "failed share"));
});

test.run();
