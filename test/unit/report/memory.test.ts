/** A report on memory: measured next to published costs, in a terminal and on GitHub. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseSaved } from "../../../src/compare/saved.ts";
import { listedOf } from "../../../src/listing/listed.ts";
import { publishedRows } from "../../../src/memory/assess.ts";
import { publishedCost } from "../../../src/memory/published.ts";
import type { MemoryReport, ThingCost } from "../../../src/memory/report-schema.ts";
import { THINGS } from "../../../src/memory/things.ts";
import { renderSubject } from "../../../src/report/format.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { resultFixture } from "../../fixtures/result-fixture.ts";

function reportFixture(over: Partial<MemoryReport> = {}): MemoryReport {
  const base = { rssBytes: 30e6, heapBytes: 5e6, stackBytes: 1e6, goroutines: 50 };
  const things = THINGS.map(
    (thing): ThingCost => ({
      thing,
      describe: `what a ${thing} is`,
      readings: [{ added: 800, ...base }],
      rssBytes: { each: 20_000, low: 19_000, high: 21_000 },
      heapBytes: { each: 310, low: -20, high: 400 },
      stackBytes: { each: 8_000, low: null, high: null },
      goroutines: { each: 3, low: 3, high: 3 },
      published: publishedCost(thing, 64),
    }),
  );
  const sizes = { keySizeBytes: 64, valSizeBytes: 256 };
  return {
    ...{ kind: "memory", schemaVersion: 1, id: "m1", startedAt: "2026-08-01T10:11:12.345Z" },
    ...{
      durationSeconds: 60,
      status: "complete",
      endpoint: "127.0.0.1:2379",
      etcdVersion: "3.5.30",
    },
    ...{ isLocal: true, hasForcedCollection: true, ...sizes, base, things },
    published: publishedRows({ base, things, ...sizes }),
    environment: resultFixture().environment,
    notes: ["Something to know."],
    ...over,
  };
}

function render(format: string, report: MemoryReport): string {
  const options = { color: false, widthColumns: null };
  return renderSubject(formatNamed(format), { kind: "memory", report }, options);
}

test("the table has the cost of each thing, with intervals, next to the published cost", () => {
  const text = render("table", reportFixture());
  assert.match(text, /^What etcd 3\.5\.30 at 127\.0\.0\.1:2379 needs of memory\nBefore anything/);
  assert.match(
    text,
    /^watcher +800 +310 B +-20 B to 400 B +8\.00 kB +20\.0 kB +19\.0 kB to 21\.0 kB +3\.0 +350 B RSS$/m,
  );
  assert.match(text, /^lease .* 3\.0 +-$/m);
  assert.match(text, /^ +1,000 +1 +1 +1,000 +50\.0 MB +90\.0 MB +1\.80x$/m);
  assert.match(text, /^ +5,000 +50 +100 +25,000,000 +out of memory/m);
  assert.match(text, /^Note: Something to know\.$/m);
});

test("no size below zero is printed as a cost, also of a report of an earlier version", () => {
  const report = reportFixture();
  report.things[0]!.rssBytes = { each: -7_420, low: -8_110, high: -6_330 };
  report.published[0]!.estimatedBytes = -1_745_559_357;
  const text = render("table", report);
  assert.match(text, /^connection .* - +-8\.11 kB to -6\.33 kB/m);
  assert.match(text, /^ +1,000 +1 +1 +1,000 +50\.0 MB +- +-$/m);
});

test("a value that rounds to zero has no sign", () => {
  const report = reportFixture();
  const [first] = report.things;
  first!.goroutines = { each: -0.01, low: null, high: null };
  first!.heapBytes = { each: -0.2, low: -0.4, high: 0.3 };
  assert.match(
    render("table", report),
    /^connection +800 +0 B +0 B to 0 B .* 0\.0 +17\.0 kB RSS$/m,
  );
});

test("an interrupted report shows that, and one without pprof that no garbage was collected", () => {
  const text = render(
    "table",
    reportFixture({ status: "interrupted", hasForcedCollection: false }),
  );
  assert.match(text, /^Interrupted: the rest was not measured$/m);
  assert.match(text, /without a forced garbage collection/);
});

test("markdown has the same tables", () => {
  const text = render("markdown", reportFixture());
  assert.match(text, /^\*\*What etcd 3\.5\.30 at/);
  assert.match(text, /^\| watcher \| 800 \|/m);
});

test("JSON is the report itself, and is read and listed again", () => {
  const report = reportFixture();
  const json = render("json", report);
  assert.equal(JSON.parse(json), report);
  const saved = parseSaved(json, "memory.json");
  assert.equal(saved, { kind: "memory", report });
  const [listed] = listedOf(saved);
  assert.is(listed!.kind, "memory");
  assert.is(listed!.verdict, "complete");
  const damaged = JSON.stringify({ ...report, things: 1 });
  assert.throws(
    () => parseSaved(damaged, "memory.json"),
    /^memory\.json is not a report of bench memory: things: /,
  );
});

test.run();
