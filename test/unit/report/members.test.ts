/** The figures of members in reports: two optional tables, CSV, and sums over runs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderResultsPage } from "../../../src/report/html/results-page.ts";
import { tableFormat } from "../../../src/report/table.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { resultFixture, serverFixture } from "../../fixtures/result-fixture.ts";
import { OPTIONS, sectionOf } from "./table/rendered-table.ts";

const members = (...results: RunResult[]) =>
  tableFormat.render(results, { color: false, widthColumns: null, hasMembers: true });

test("a member's memory, disk and traffic are two tables", () => {
  const text = members(resultFixture({ server: [serverFixture()] }));
  assert.match(
    sectionOf(text, "etcd: memory and disk").at(-1)!,
    /^m1 +120 MB +60\.0 MB +55\.0 MB +320 +142 +10\.0 MB +2\.00x +128 MB$/,
  );
  assert.match(
    sectionOf(text, "etcd: traffic").at(-1)!,
    /^m1 +30\.0 MB +0 B +70\.0 MB +27\.0 MB +3\.00 MB +9\.00 MB +60\.0 MB +900 µs +1\.60 ms +3\.20 ms +90 +0$/,
  );
});

test("a figure that no member has is left out, and members without figures have no table", () => {
  const lacking = serverFixture({ peakRssBytes: null, dbInUseBytes: null, walSizeBytes: null });
  const text = members(resultFixture({ server: [lacking] }));
  assert.match(
    sectionOf(text, "etcd: memory and disk").at(-1)!,
    /^m1 +60\.0 MB +55\.0 MB +320 +142$/,
  );
  assert.not.match(members(resultFixture({ server: [] })), /etcd: /);
});

test("over several runs traffic is summed, and the largest memory is shown", () => {
  const run = resultFixture({
    server: [serverFixture(), serverFixture({ heapInUseBytes: 80e6, clientSentBytes: 1e6 })],
  });
  const text = members(run, run);
  const [, memory] = sectionOf(text, "etcd: memory and disk").filter((line) => /^\s*\[/.test(line));
  assert.match(memory!, /\[2\] +2 members +120 MB +80\.0 MB/);
  const [, traffic] = sectionOf(text, "etcd: traffic").filter((line) => /^\s*\[/.test(line));
  assert.match(traffic!, /54\.0 MB +4\.00 MB/, text);
});

test("the page always has the tables of members", () => {
  const page = renderResultsPage([resultFixture()]);
  assert.match(page, /etcd: memory and disk/);
  assert.match(page, /etcd: traffic/);
});

test("markdown has the tables of members on request", () => {
  const result = resultFixture({ server: [serverFixture()] });
  const options = { color: false, widthColumns: null };
  const text = formatNamed("markdown").render([result], { ...options, hasMembers: true });
  assert.match(text, /^### etcd\n\n\| Member \|/m);
  assert.match(text, /^\| m1 \| 120 MB \| 60\.0 MB \|/m);
  assert.not.match(formatNamed("markdown").render([result], options), /###/);
});

test("--output members is a line of CSV for each run and member, with empty fields for missing figures", () => {
  const server = [serverFixture({ diskReadBytes: null }), serverFixture({ member: "=m2" })];
  const text = formatNamed("members").render([resultFixture({ id: "one", server })], OPTIONS);
  const [header, ...lines] = text.trimEnd().split("\n");
  const names = header!.split(",");
  const field = (line: string, name: string) => line.split(",")[names.indexOf(name)];
  assert.is(lines.length, 2);
  assert.is(field(lines[0]!, "resultId"), "one");
  assert.is(field(lines[0]!, "diskReadBytes"), "");
  assert.is(field(lines[0]!, "diskPerLiveByte"), "2");
  assert.is(field(lines[1]!, "member"), "'=m2");
  assert.is(field(lines[1]!, "peerRoundTripP99UpToMs"), "3.2");
});

test("saved profiles are listed with their files", () => {
  const profile = { member: "m1", kind: "cpu", file: "id-cpu-m1.pb.gz", sizeBytes: 5_000 } as const;
  const result = resultFixture({
    profiles: [{ ...profile, startSeconds: 2, durationSeconds: 2.04 }],
  });
  const text = members(result);
  assert.match(text, /^m1 +cpu +2\.0 s +4\.0 s +5\.00 kB +id-cpu-m1\.pb\.gz$/m);
  assert.not.match(members(resultFixture()), /Profiles/);
});

test.run();
