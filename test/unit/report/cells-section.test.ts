/** The table of a suite's cells, and the mark on published figures that break Little's law. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { summaryFormat } from "../../../src/report/summary.ts";
import { cellsSection } from "../../../src/report/table/cells-section.ts";
import { brokenLaw } from "../../../src/report/table/published-law.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import {
  endedMemberNote,
  longerLeaseNotes,
  restartNote,
} from "../../../src/result/target-notes.ts";
import { publishedRows } from "../../../src/saved/published.ts";
import { labelled } from "../../../src/tables/labels.ts";
import { availabilityOf } from "../../fixtures/availability-fixture.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import {
  latencyFixture,
  type Overrides,
  operationFixture,
  resultFixture,
  thresholdFixture,
} from "../../fixtures/result-fixture.ts";

function runOf(
  cell: string,
  repeat: number,
  perSec: number,
  rest: Overrides<RunResult> = {},
): RunResult {
  return resultFixture({
    plan: { labels: { suite: "s", cell, repeat: String(repeat) }, load: { clients: 7 } },
    operations: [operationFixture({ throughputPerSec: perSec })],
    ...rest,
  });
}

const rowsOf = (results: RunResult[]) => cellsSection(labelled(results))!.grid!.rows;

test("runs outside a suite have no table of cells", () => {
  assert.is(cellsSection(labelled([resultFixture()])), null);
});

test("the cells of a suite say that other processes kept the machine busy", () => {
  const run = runOf("w", 1, 100);
  const machine = { ...run.machine!, otherCpuPercent: 58, idleCpuPercent: 0 };
  const { remarks } = cellsSection(labelled([{ ...run, machine }]))!;
  assert.match(
    remarks.join("\n"),
    /^Other processes took 58% of this machine's CPU during 1 of 1 run/m,
  );
});

test("the cells of a suite say in how many runs the client may have been late", () => {
  const late = runOf("w", 1, 100);
  late.operations[0]!.serviceTime = latencyFixture({ p50Ms: 1, p99Ms: 10 });
  const runs = [late, runOf("v", 1, 100)];
  const remarks = () => cellsSection(labelled(runs))!.remarks.join("\n");
  assert.not.match(remarks(), /late/);
  late.client = { ...late.client, eventLoopDelayP99Ms: 4 };
  assert.match(
    remarks(),
    /^This client may have been late in 1 of 2 runs: of the service time's p99 of put 10\.0 ms, up to 4\.0 ms/m,
  );
  late.verdict = { kind: "client-limited", reasons: ["its reasons"] };
  assert.not.match(remarks(), /may have been late/);
});

test("a summary has the runs of no suite next to the cells of one", () => {
  const options = { color: false, widthColumns: null };
  const notes = ["a note of its own"];
  const text = summaryFormat.render([runOf("w", 1, 100), resultFixture({ notes })], options);
  assert.match(text, /^Cells$/m);
  assert.match(text, /^Puts$/m);
  assert.match(text, /^Verdict: /m);
  assert.match(text, /Note: a note of its own/);
  assert.not.match(summaryFormat.render([runOf("w", 1, 100)], options), /^Puts$/m);
});

test("the summary shows why requests failed, of a suite's cells and of single runs", () => {
  const large = { code: "INVALID_ARGUMENT", message: "request is too large", count: 3 };
  const operations = [operationFixture({ errors: [large] })];
  const options = { color: false, widthColumns: null };
  const cells = summaryFormat.render(
    [runOf("big", 1, 500, { operations }), runOf("big", 2, 500, { operations }), runOf("b", 1, 9)],
    options,
  );
  assert.match(cells, /\nErrors\n/);
  assert.match(cells, /\nbig +put +6 +INVALID_ARGUMENT +request is too large\n/);
  const single = summaryFormat.render([resultFixture({ operations })], options);
  assert.match(single, /\nput +3 +INVALID_ARGUMENT +request is too large\n/);
  const markdown = formatNamed("markdown").render!([resultFixture({ operations })], options);
  assert.match(markdown, /\| put \| 3 \| INVALID\\_ARGUMENT \| request is too large \|/);
  assert.not.match(summaryFormat.render([runOf("b", 1, 9)], options), /Errors/);
});

test("the summary of a suite says in how many of its runs the cluster changed", () => {
  const options = { color: false, widthColumns: null };
  const runs = [runOf("a", 1, 500), runOf("a", 2, 500), runOf("b", 1, 9)];
  assert.not.match(summaryFormat.render(runs, options), /Note:/);
  runs[1]!.target.changes = [{ kind: "member", isFault: false, atSeconds: 1, text: "m2 joined" }];
  assert.match(
    summaryFormat.render(runs, options),
    /\nNote: the cluster changed during 1 of 3 runs: m2 joined\.\n/,
  );
});

test("the cells of a suite say in how many runs etcd lengthened leases, and its processes ended", () => {
  const runs = ["a", "a", "b"].map((cell, at) => runOf(cell, at + 1, 500));
  const [lease] = longerLeaseNotes(5, 15);
  runs[0]!.notes.push(lease!);
  runs[2]!.notes.push(lease!, endedMemberNote("m1", "it was killed."), restartNote("m2", 1));
  const remarks = cellsSection(labelled(runs))!.remarks.join("\n");
  assert.match(remarks, `In 2 of 3 runs: ${lease}`);
  assert.match(remarks, /^In 1 of 3 runs: The process of member m1.* ended .*it was killed\.$/m);
  assert.match(remarks, /^In 1 of 3 runs: The process of member m2 restarted /m);
  const summary = summaryFormat.render(runs, { color: false, widthColumns: null });
  assert.match(summary, `In 2 of 3 runs: ${lease}`);
});

test("a process that an event of the plan restarts is no remark on the cells", () => {
  const run = runOf("a", 1, 500);
  const events = [{ atMs: 1_000, lastsMs: null, action: "kill leader" }];
  const planned = { ...run.plan, maintenance: { ...run.plan.maintenance, events } };
  const restarted = { ...run, notes: [restartNote("m2", 1)], plan: planned };
  assert.not.match(cellsSection(labelled([restarted]))!.remarks.join("\n"), "restarted");
});

test("a cell is a row with the median and the range of its runs", () => {
  const rows = rowsOf([
    runOf("a, conns=1", 1, 500),
    runOf("a, conns=2", 1, 900),
    runOf("a, conns=1", 2, 100),
    runOf("a, conns=1", 3, 300),
  ]);
  assert.equal(
    rows.map((row) => row.slice(0, 5)),
    [
      ["a, conns=1", "put", "3", "300", "100 to 500"],
      ["a, conns=2", "put", "1", "900", "-"],
    ],
  );
});

test("the latency of a cell whose runs have bounds alone is their median's bound", () => {
  const bounds = (atLeastMs: number) => {
    const serviceTime = latencyFixture({ p99Ms: null, atLeast: { p99Ms: atLeastMs } });
    return { operations: [operationFixture({ serviceTime })] };
  };
  const section = cellsSection(
    labelled([runOf("a", 1, 100, bounds(5_080)), runOf("a", 2, 100, bounds(6_080))]),
  )!;
  const headers = section.grid!.columns.map(({ header }) => header[0]);
  assert.is(section.grid!.rows[0]![headers.indexOf("p99")], ">=5,580");
});

test("cells of runs with faults have their outages, and the lost writes", () => {
  const outage = (cell: string, repeat: number, windowMs: number, isOpen = false) => {
    const availability = availabilityOf(windowMs);
    if (isOpen) availability.groups[0]!.windows[0]!.isOpen = true;
    return runOf(cell, repeat, 100, { availability });
  };
  const runs = [outage("kill", 1, 400), outage("kill", 2, 600), outage("kill", 3, 500)];
  const section = cellsSection(labelled([...runs, outage("cut", 1, 300, true)]))!;
  assert.equal(
    section.grid!.rows.map((row) => row.slice(-3)),
    [
      ["500 ms", "2.00 s", "0"],
      ["300 ms", ">=1.20 s", "0"],
    ],
  );
  const writes = { ...availabilityOf(400).writes!, lost: null };
  const unread = runOf("kill", 4, 100, { availability: availabilityOf(400, { writes }) });
  const [kill] = rowsOf([...runs, unread, outage("cut", 1, 300)]);
  assert.equal(kill!.slice(-1), ["-"], "not all were read again");
});

test("the parts of an operation have no rows of their own", () => {
  const names = ["mixed", "mixed-put", "mixed-range"];
  const operations = names.map((name) => operationFixture({ name }));
  assert.equal(
    rowsOf([runOf("a", 1, 1, { operations })]).map((row) => row[1]),
    ["mixed"],
  );
});

test("problems of a run are listed below, and a figure that one run lacks is left out", () => {
  const broken = runOf("a", 2, 100, {
    status: "interrupted",
    verdict: { kind: "client-limited", reasons: ["too busy"] },
    thresholds: [thresholdFixture("p99<1ms", { actual: 2 })],
    operations: [operationFixture({ throughputPerSec: null })],
  });
  const section = cellsSection(labelled([runOf("a", 1, 100), broken]))!;
  const headers = section.grid!.columns.map(({ header }) => header[0]);
  assert.not.ok(headers.includes("QPS"), headers.join());
  assert.equal(section.remarks.slice(1), [
    "a, run 2: the run was interrupted",
    "a, run 2: client-limited: too busy",
    "a, run 2: threshold p99<1ms FAILED (2)",
  ]);
});

test("the summary of a suite has its cells, and of published rows the published tables", () => {
  const options = { color: false, widthColumns: null };
  const cells = summaryFormat.render([runOf("a", 1, 100)], options);
  assert.match(cells, /^Cells\n/);
  assert.not.match(cells, /^Puts$/m);
  const [row] = publishedRows();
  const published = { ...row!.result, origin: "measured" as const };
  published.plan = { ...published.plan, labels: { suite: "published", cell: "a", repeat: "1" } };
  assert.match(summaryFormat.render([published], options), /^Puts\n/);
});

test("of the published rows, the two of reads by a thousand clients break Little's law", () => {
  const broken = publishedRows()
    .filter(({ result }) => result.target.version === "3.2.0")
    .filter((row) => brokenLaw(row) !== null);
  assert.equal(
    broken.map(({ operation }) => operation.throughputPerSec),
    [141_578, 185_758],
  );
});

test("a measured row next to such a published figure is marked, with the reason below", () => {
  const row = publishedRows().find(({ operation }) => operation.throughputPerSec === 185_758)!;
  const measured = { ...row.result, origin: "measured" as const };
  const text = summaryFormat.render([measured], { color: false, widthColumns: null });
  assert.match(text, / \*185,758$/m);
  assert.match(
    text,
    /^\* breaks Little's law: 1,000 clients at 185,758\/s make a mean of 5\.38 ms, and 2\.20 ms was published\.$/m,
  );
});

test.run();
