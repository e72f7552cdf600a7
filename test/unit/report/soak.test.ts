/** A soak in a terminal, on GitHub and in a browser. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderSoakPage } from "../../../src/report/html/soak-page.ts";
import { renderSoakMarkdown } from "../../../src/report/soak/markdown.ts";
import { renderSoakTable } from "../../../src/report/soak/table.ts";
import { longTime, rowLine } from "../../../src/report/soak/words.ts";
import { soakReport } from "../../../src/soak/report.ts";
import type { SoakRow } from "../../../src/soak/row-schema.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { soakRow, soakRows } from "../../fixtures/soak-rows.ts";

test.before(initHistograms);

function reportOf(rows: SoakRow[], describe = "put, value 8 B") {
  return soakReport({
    ...{ id: "s", startedAt: "2026-01-01T00:00:00.000Z", describe, everyMs: 600_000 },
    ...{ plannedMs: 18_000_000, maxErrorRate: 0, rows, results: [] },
  });
}

const leaking = () => reportOf(soakRows(30, (at) => ({ clientRssBytes: 100e6 + 1e6 * at })));
const PLAIN = { color: false, widthColumns: null };

test("the table begins with the verdict, and has totals, drift and rows", () => {
  const text = renderSoakTable(leaking(), PLAIN);
  assert.match(text, /^Soak: 5 h of 5 h: drifting: the RSS of client rises\n/);
  assert.match(text, /30 rows of 10 min in 1 segment/);
  assert.match(text, /\nput +60,000 +0 +3\.33 +service +2\.00 ms +2\.00 ms/);
  assert.match(text, /\nclient +RSS +24 +118 MB +\+6\.00 MB .* drifting\n/);
  assert.match(text, /\n +30 +1 +4 h 50 min +3\.33 +2\.00 ms +129 MB/);
  assert.match(text, /The first and the last 12 of 30 rows\./);
});

test("markdown has the same sections, and the page a chart over the hours", () => {
  const markdown = renderSoakMarkdown(leaking());
  for (const title of ["Over the whole soak", "Drift", "Rows"]) {
    assert.ok(markdown.includes(`### ${title}`), title);
  }
  const page = renderSoakPage(leaking());
  for (const title of ["per second", "p99", "RSS", "open files", "db size", "p99 of WAL fsync"]) {
    assert.ok(page.includes(`<h4>${title}</h4>`), title);
  }
  assert.not.match(page.slice(0, page.indexOf("<script>")), /NaN|undefined|Infinity/);
});

test("where operations take turns, rates are over the time in which each was offered", () => {
  const turn = (at: number, name: string): SoakRow => {
    const row = soakRow(at, { durationSeconds: 100 });
    return { ...row, series: [{ ...row.series[0]!, name, durationSeconds: 100 }] };
  };
  const both = soakRow(3, { durationSeconds: 100 });
  const halves = ["l", "s"].map((name) => ({ ...both.series[0]!, name, durationSeconds: 50 }));
  const report = reportOf([turn(1, "l"), turn(2, "s"), { ...both, series: halves }]);
  const table = renderSoakTable(report, PLAIN);
  // 4,000 in 150 s.
  for (const name of ["l", "s"])
    assert.match(table, new RegExp(`\\n${name} +4,000 +0 +26\\.7 +service`));
  assert.match(table, /\n +1 +1 +0 ms +20\.0 +2\.00 ms +- +- /);
  assert.match(table, /\n +2 +1 +10 min +- +- +20\.0 +2\.00 ms /);
  assert.match(table, /\n +3 +1 +20 min +40\.0 +2\.00 ms +40\.0 +2\.00 ms /);
  assert.match(rowLine(report.rows[2]!), /: l 40\.0\/s, .*; s 40\.0\/s, /);
  assert.match(renderSoakPage(report), /40\.0/);
});

test("a soak without rows, and one with odd text from a server, are shown", () => {
  assert.match(renderSoakTable(reportOf([]), PLAIN), /^Soak: 0 ms of 5 h: undecided/);
  assert.match(renderSoakPage(reportOf([])), /undecided/);
  const row = soakRow(1);
  row.members[0]!.name = "<script>\u001b[31m|";
  const odd = reportOf([row, { ...row, row: 2, atSeconds: 600 }]);
  assert.not.ok(renderSoakTable(odd, PLAIN).includes("\u001b"));
  const page = renderSoakPage(odd);
  assert.is(page.indexOf("<script>"), page.lastIndexOf("<script>"), "only the page's own");
});

test("a row is printed as a line during the soak", () => {
  assert.is(
    rowLine(soakRow(3, { failed: 4 })),
    "row 3 (30 min): put 3.33/s, p99 2.00 ms, 4 failed; client 100 MB; etcd 40.0 MB, db 20.0 MB",
  );
});

test("each p99 of a paced soak says that it is of the response time", () => {
  const rows = soakRows(12, () => ({})).map((row) => ({
    ...row,
    series: row.series.map((each) => ({ ...each, responseTime: each.serviceTime })),
  }));
  assert.match(rowLine(rows[0]!), "put 3.33/s, response p99 2.00 ms");
  assert.match(renderSoakTable(reportOf(rows), PLAIN), /response p99 /);
  assert.match(renderSoakPage(reportOf(rows)), "<h4>response p99</h4>");
  assert.not.match(renderSoakTable(leaking(), PLAIN), "response p99");
});

test("a soak shows why requests failed, in each row's line, in all formats and in its totals", () => {
  const large = { code: "INVALID_ARGUMENT", message: "etcdserver: request is too large", count: 3 };
  const lost = { code: "UNAVAILABLE", message: "connection lost", count: 1 };
  const rows = [soakRow(1, { failed: 4 }), soakRow(2), soakRow(3, { failed: 3 })];
  rows[0]!.series[0]!.errors = [large, lost];
  rows[2]!.series[0]!.errors = [large];
  const [alone, two] = [rowLine(rows[2]!), rowLine(rows[0]!)];
  assert.ok(
    alone.includes("3 failed with INVALID_ARGUMENT: etcdserver: request is too large; client"),
  );
  assert.ok(
    two.includes("4 failed with INVALID_ARGUMENT: etcdserver: request is too large (3 of 4);"),
  );
  const report = reportOf(rows);
  assert.equal(report.totals[0]!.errors, [{ ...large, count: 6 }, lost]);
  for (const text of [
    renderSoakTable(report, PLAIN),
    renderSoakMarkdown(report),
    renderSoakPage(report),
  ]) {
    assert.match(text, /Errors/);
    for (const words of ["INVALID_ARGUMENT", "request is too large", "connection lost"]) {
      assert.ok(text.replaceAll("\\", "").includes(words), words);
    }
  }
  assert.not.match(renderSoakTable(reportOf([soakRow(1)]), PLAIN), /Errors/);
});

test("a row in which the client paused has the pause in its line and in the table", () => {
  const row = soakRow(3);
  row.client.pausedMs = 2_040;
  assert.match(rowLine(row), /; client 100 MB, paused 2\.04 s; /);
  const paused = renderSoakTable(reportOf([soakRow(1), soakRow(2), row]), PLAIN);
  assert.match(paused, / paused /);
  assert.match(paused, /\n +3 .* 2\.04 s /);
  assert.not.match(renderSoakTable(reportOf([soakRow(1)]), PLAIN), /paused/);
});

test("long times have two units", () => {
  assert.equal([45, 600, 9_000, 3_600, 86_400, 100_000, 7_190].map(longTime), [
    "45.0 s",
    "10 min",
    "2 h 30 min",
    "1 h",
    "1 d",
    "1 d 4 h",
    "2 h",
  ]);
});

test.run();
