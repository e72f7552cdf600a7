/** Tests which verdict a soak has, and that its reasons name what decided it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exitCodeOfSoak } from "../../../src/cli/exit-code.ts";
import { toldOf } from "../../../src/cli/output/say-verdict.ts";
import { EXIT } from "../../../src/errors.ts";
import { renderSoakPage } from "../../../src/report/html/soak-page.ts";
import { renderSoakMarkdown } from "../../../src/report/soak/markdown.ts";
import { renderSoakTable } from "../../../src/report/soak/table.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { soakReport } from "../../../src/soak/report.ts";
import type { SoakRow } from "../../../src/soak/row-schema.ts";
import { initHistograms } from "../../../src/stats/histogram.ts";
import { resultFixture, thresholdFixture } from "../../fixtures/result-fixture.ts";
import { soakRows } from "../../fixtures/soak-rows.ts";

await initHistograms();

const PLAIN = { color: false, widthColumns: null };
const FLAT = soakRows(30, () => ({}));
const threshold = {
  expression: "p99<20ms",
  series: null,
  metric: "p99",
  comparison: "<",
  bound: 20,
} as const;
const broken = thresholdFixture("p99<20ms", { actual: 52.6, outcome: "broken" });
const held = thresholdFixture("p99<20ms", { actual: 12, passed: true, outcome: "held" });
const undecided = thresholdFixture("p99<20ms", {
  outcome: "undecided",
  reason: "p99 needs 1000 samples, put has 40",
});

function segment(
  each: RunResult["thresholds"][number],
  status: RunResult["status"] = "complete",
): RunResult {
  return resultFixture({
    status,
    thresholds: [each],
    plan: { judge: { thresholds: [threshold] } },
  });
}

function reportOf(results: readonly RunResult[], rows: readonly SoakRow[] = FLAT) {
  return soakReport({
    ...{ id: "s", startedAt: "2026-01-01T00:00:00.000Z", describe: "put", everyMs: 600_000 },
    ...{ plannedMs: 18_000_000, maxErrorRate: 0, rows, results },
  });
}

test("a soak with a broken threshold has failed, and every format and standard error say by what", () => {
  const results = [segment(broken)];
  const report = reportOf(results);
  assert.is(report.verdict.kind, "failed");
  assert.is(exitCodeOfSoak(report, results), EXIT.failed);
  const told = toldOf({ kind: "soak", report }).map(({ text }) => text);
  assert.match(told.join("\n"), "verdict of the soak: failed: threshold p99<20ms FAILED (52.6 ms");
  for (const text of [
    renderSoakTable(report, PLAIN),
    renderSoakMarkdown(report),
    renderSoakPage(report),
    JSON.stringify(report),
  ]) {
    assert.match(text, /failed/);
    // A sign of the expression is written as each format needs it.
    assert.match(text.replaceAll("\\", ""), "20ms FAILED (52.6 ms");
  }
});

test("a soak with an undecided threshold is undecided, with the reason of the threshold", () => {
  const results = [segment(undecided)];
  const { verdict, ...rest } = reportOf(results);
  assert.equal(verdict, {
    kind: "undecided",
    reasons: [
      "threshold p99<20ms undecided (could not be measured: p99 needs 1000 samples, put has 40)",
    ],
  });
  assert.is(exitCodeOfSoak({ verdict, ...rest }, results), EXIT.invalid);
});

test("thresholds that did not hold are reasons of a drifting and of a failed soak, too", () => {
  const drifting = soakRows(30, (at) => ({ clientRssBytes: 100e6 + 1e6 * at }));
  const { verdict } = reportOf([segment(undecided)], drifting);
  assert.is(verdict.kind, "drifting");
  assert.match(verdict.reasons[0]!, "the RSS of client rises");
  assert.match(verdict.reasons[1]!, "threshold p99<20ms undecided");
  const failing = soakRows(30, (at) => ({ failed: at === 3 ? 7 : 0 }));
  const { reasons } = reportOf([segment(broken)], failing).verdict;
  assert.match(reasons.join("; "), /7 of 60007 requests of put failed; threshold p99<20ms FAILED/);
});

test("a threshold that one of several segments broke is broken, with the number of such segments", () => {
  const { verdict } = reportOf([segment(held), segment(broken), segment(undecided)]);
  assert.equal(verdict.kind, "failed");
  assert.match(verdict.reasons[0]!, /FAILED \(52\.6 ms.*\) in 1 of 3 segments$/);
});

test("a segment that was stopped leaves no threshold undecided that another one held", () => {
  const stopped = segment(undecided, "interrupted");
  assert.is(reportOf([stopped, segment(held)]).verdict.kind, "steady");
  assert.is(reportOf([stopped]).verdict.kind, "undecided");
  assert.is(reportOf([segment(undecided), segment(held)]).verdict.kind, "undecided");
});

test("a note says what is not known of segments that did not come to their end", () => {
  const rows = FLAT.map((row) => ({ ...row, segment: row.row <= 15 ? 1 : 2 }));
  assert.match(
    reportOf([resultFixture()], rows).notes.join("\n"),
    /^1 of 2 segments did not come to its end: whether the client was the limit there, .* not known\.$/m,
  );
  assert.not.match(reportOf([resultFixture()]).notes.join("\n"), "did not come");
});

test("a note counts the segments against which no threshold was held", () => {
  const rows = FLAT.map((row) => ({ ...row, segment: row.row <= 15 ? 1 : 2 }));
  assert.match(
    reportOf([segment(held)], rows).notes.join(" "),
    "Thresholds were held against 1 of 2 segments",
  );
  assert.not.match(reportOf([segment(held)]).notes.join(" "), "Thresholds");
});

test("with --strict a soak with a segment that is not valid is undecided, else it has a note", () => {
  const reasons = ["a worker's event loop was busy 97% of the time"];
  const limited = (strict: boolean) =>
    resultFixture({
      verdict: { kind: "client-limited", reasons },
      plan: { judge: { strict } },
    });
  const strict = reportOf([limited(true)]);
  assert.equal(strict.verdict, {
    kind: "undecided",
    reasons: [`a segment was client-limited: ${reasons[0]}`],
  });
  assert.is(exitCodeOfSoak(strict, [limited(true)]), EXIT.invalid);
  assert.not.match(strict.notes.join(" "), "client-limited");
  const lenient = reportOf([limited(false)]);
  assert.is(lenient.verdict.kind, "steady");
  assert.match(lenient.notes.join(" "), `A segment was client-limited: ${reasons[0]}.`);
});

test("segments that were measured on different machines are noted", () => {
  const on = (cpusAvailable: number) => resultFixture({ environment: { cpusAvailable } });
  assert.match(
    reportOf([on(2), on(1)]).notes.join("\n"),
    /^The segments were measured on different machines, 2 x .* and 1 x .*: a change between them may be the machine's\.$/m,
  );
  assert.not.match(reportOf([on(2), on(2)]).notes.join("\n"), /different machines/);
  const upgraded = resultFixture({
    target: { version: "3.6.1" },
    environment: { node: "v22.1.0" },
  });
  const told = reportOf([resultFixture(), upgraded]).notes.join("\n");
  assert.match(told, /measured with different versions of etcd, 3\.5\.30 and 3\.6\.1: /);
  assert.match(
    told,
    /measured by different clients, .* on Node v20\.19\.0 and .* on Node v22\.1\.0: /,
  );
});

test.run();
