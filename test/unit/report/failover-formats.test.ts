/** A failover report in the formats for machines, and its JSON read again. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseSaved } from "../../../src/compare/saved.ts";
import { reportOfTrials } from "../../../src/failover/saved-trials.ts";
import { parseFailoverLimit } from "../../../src/failover/thresholds.ts";
import { listedOf } from "../../../src/listing/listed.ts";
import { renderSubject } from "../../../src/report/format.ts";
import { REPORT_FORMATS } from "../../../src/report/formats.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { availabilityOf, UNREAD_WRITES } from "../../fixtures/availability-fixture.ts";
import { failoverReportOf, sessionOf, trialOf } from "../../fixtures/failover-fixture.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { operationFixture } from "../../fixtures/result-fixture.ts";

const OPTIONS = { color: false, widthColumns: null };
const LIMITS = ["unavailable<1s", "lost-writes==0"].map((text) =>
  parseFailoverLimit("--threshold", text),
);
const REPORT = failoverReportOf([900, 1_900], { thresholds: LIMITS });

const shown = (name: string, report = REPORT) =>
  renderSubject(formatNamed(name), { kind: "failover", report }, OPTIONS);

test("csv has each figure of each trial, and the totals", () => {
  const lines = shown("csv").trimEnd().split("\n");
  assert.is(lines[0], "failoverId,trial,operation,clientsOn,figure,unit,value,atLeast");
  assert.ok(lines.includes("x,2,put,all,unavailable,ms,1900,"), lines.join("\n"));
  assert.ok(lines.includes("x,1,,,elected,ms,850,"));
  assert.ok(lines.includes("x,,,,lost-writes,count,0,"));
});

test("the report shows why requests failed, in trials and in controls, and earlier ones are read without", () => {
  const withErrors = (run: RunResult, message: string): RunResult => ({
    ...run,
    operations: ["put", "put-a"].map((name) =>
      operationFixture({ name, errors: [{ code: "UNAVAILABLE", message, count: 2 }] }),
    ),
  });
  const session = sessionOf([900, 1_900]);
  const report = failoverReportOf([900, 1_900], {
    faulted: session.faulted.map((run) => withErrors(run, "connection refused")),
    control: session.control.map((run) => withErrors(run, "no leader")),
  });
  const errors = (message: string, count: number) => [{ code: "UNAVAILABLE", message, count }];
  assert.equal(report.errors, [
    { operation: "put-a", isControl: false, errors: errors("connection refused", 4) },
    { operation: "put-a", isControl: true, errors: errors("no leader", 2) },
  ]);
  const text = shown("table", report);
  assert.match(text, /\nput-a +4 +UNAVAILABLE +connection refused\n/);
  assert.match(text, /\nput-a, control +2 +UNAVAILABLE +no leader\n/);
  assert.match(shown("markdown", report), /no leader/);
  const { errors: _, ...earlier } = report;
  const read = parseSaved(JSON.stringify(earlier), "f.json");
  assert.ok(read.kind === "failover");
  assert.not.match(shown("table", read.report), /Errors/);
});

test("junit has a case for the verdict and one for each threshold", () => {
  const text = shown("junit");
  assert.match(text, 'tests="3" failures="2"');
  assert.match(text, 'name="unavailable&#60;1s"><failure message="the worst trial has 2.00 s"/>');
});

test("openmetrics has base units, and the trial as a label", () => {
  const lines = shown("openmetrics").trimEnd().split("\n");
  const named = 'failover="x",events="kill leader",etcd="3.5.30",figure="unavailable",trial="2"';
  const line = `bench_failover_seconds{${named},operation="put",clients="all"} 1.9 1767225600`;
  assert.ok(lines.includes(line), lines.join("\n"));
  assert.is(lines.at(-1), "# EOF");
});

test("benchstat has a line for each trial, bencher and github the median and its range", () => {
  assert.match(shown("benchstat"), /^BenchmarkPut\/clients=all 1 1900000000 unavailable-ns\/op$/m);
  const bencher = JSON.parse(shown("bencher"));
  assert.equal(bencher["put/clients=all"].unavailable, {
    ...{ value: 1.4e9, lower_value: 0.9e9, upper_value: 1.9e9 },
  });
  assert.is(bencher.failover["lost-writes"].value, 0);
  const smaller = JSON.parse(shown("github-smaller")) as { name: string; range?: string }[];
  const entry = smaller.find(({ name }) => name === "put/clients=all unavailable");
  assert.is(entry!.range, "500");
  assert.match(shown("github-bigger"), "put/clients=all availability");
});

test("an outage that was not over when its run ended is a bound in each format, or left out", () => {
  const reportOf = (windows: readonly number[]) => {
    const session = sessionOf(windows);
    for (const { windows: all } of session.faulted.at(-1)!.availability!.groups) {
      for (const each of all) each.isOpen = true;
    }
    return failoverReportOf(windows, { faulted: session.faulted });
  };
  const report = reportOf([900, 1_000, 5_000]);
  assert.match(shown("csv", report), /^x,3,put,all,unavailable,ms,,5000$/m);
  const text = shown("openmetrics", report);
  const labels = 'figure="unavailable",trial="3",operation="put",clients="all"';
  assert.match(text, `events="kill leader",etcd="3.5.30",${labels},bound="least"} 5 `);
  assert.not.match(text, `${labels}}`);
  assert.not.match(shown("benchstat", report), / unavailable-ns/);
  assert.match(shown("benchstat", report), / elected-ns/);
  const known = JSON.parse(shown("bencher", report))["put/clients=all"].unavailable;
  assert.equal(known, { value: 1e9, lower_value: 0.9e9 });
  const entryOf = (of: typeof report) =>
    (JSON.parse(shown("github-smaller", of)) as { name: string; range?: string }[]).find(
      ({ name }) => name === "put/clients=all unavailable",
    );
  assert.not("range" in entryOf(report)!);
  const page = shown("html", report);
  assert.match(page, /Windows that were open when their run ended are in no step/);
  assert.match(page, /<td>3<\/td><td>&#62;=5\.00 s<\/td>/);
  assert.not.match(shown("html", failoverReportOf([900, 1_900])), /were open when their run/);
  // The median may be anywhere above.
  const open = reportOf([5_000]);
  assert.is(entryOf(open), undefined);
  assert.not("unavailable" in JSON.parse(shown("bencher", open))["put/clients=all"]);
});

test("the JSON of a report is read again, and a list has a line for it", () => {
  const saved = parseSaved(shown("json"), "report.json");
  assert.equal(saved, { kind: "failover", report: REPORT });
  const [listed] = listedOf(saved);
  assert.equal([listed!.kind, listed!.verdict], ["failover", "failed"]);
});

test("what could not be read is in no format a passed verdict or a 0", () => {
  const faulted = [trialOf(1, availabilityOf(900, { writes: UNREAD_WRITES }))];
  const report = failoverReportOf([900], { faulted });
  assert.match(shown("junit", report), /name="verdict"><error message="trial 1: m1 could not be/);
  assert.is(JSON.parse(shown("json", report)).data.inDoubtApplied, null);
  for (const { name, shows } of REPORT_FORMATS) {
    if (!shows.includes("failover")) continue;
    assert.not.match(shown(name, report), /passed|lost-writes/, name);
  }
});

test("no format prints a control character of an event", () => {
  const report = failoverReportOf([900], { events: ["exec \u001b[31mred\u0007"] });
  for (const { name, shows } of REPORT_FORMATS) {
    if (!shows.includes("failover") || name === "json") continue;
    const text = shown(name, report);
    assert.equal([text.includes("\u001b"), text.includes("\u0007")], [false, false], name);
  }
});

test("the report of a folder is the report of its session", () => {
  const { faulted, control } = sessionOf([900, 1_900]);
  const runs = ["fault", "control", "fault"].map((arm) => ({ arm }));
  const report = reportOfTrials({
    manifest: { runs, startedAt: REPORT.startedAt, trials: { id: "x", events: ["kill leader"] } },
    thresholds: LIMITS,
    byRun: new Map([
      [0, [faulted[1]!]],
      [1, [...control]],
      [2, [faulted[0]!]],
    ]),
    describe: () => "d",
  });
  assert.equal(report, REPORT);
});

test.run();
