/** Saved pages become evidence, in the order in which they were taken, or are refused by name. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { diagnose } from "../../../src/doctor/diagnosis.ts";
import { evidenceOfDumps, type MetricsDump } from "../../../src/doctor/read-dumps.ts";

function page(id: string, cpuSeconds: number, fsyncs: number, more = ""): string {
  return [
    `etcd_server_id{server_id="${id}"} 1`,
    `process_start_time_seconds 1.7e9`,
    `process_cpu_seconds_total ${cpuSeconds}`,
    `etcd_server_has_leader 1`,
    `etcd_disk_wal_fsync_duration_seconds_bucket{le="0.016"} 10`,
    `etcd_disk_wal_fsync_duration_seconds_bucket{le="0.032"} ${fsyncs}`,
    `etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"} ${fsyncs}`,
    `etcd_disk_wal_fsync_duration_seconds_sum ${0.02 * fsyncs}`,
    more,
  ].join("\n");
}

const dump = (file: string, text: string, writtenAtMs = 0): MetricsDump => ({
  ...{ file, text, writtenAtMs },
});

test("two pages of a member are a window, in any order of their files", () => {
  const dumps = [dump("b", page("1f", 9, 510), 60_000), dump("a", page("1f", 8, 10), 30_000)];
  const found = evidenceOfDumps(dumps, null);
  assert.is(found.windowSeconds, 30);
  assert.is(found.members.length, 1);
  assert.is(found.members[0]!.first!.value("process_cpu_seconds_total"), 8);
  const { principal } = diagnose(found);
  assert.equal([principal.cause, principal.member, principal.verdict], ["disk", "1f", "too slow"]);
  assert.match(principal.sentence, /500 in 30 s/);
  assert.is(evidenceOfDumps(dumps, 12).members[0]!.seconds, 12);
});

test("one page shows figures since the process start, and no certain finding of slowness", () => {
  const found = evidenceOfDumps([dump("a", page("1f", 8, 510))], null);
  assert.is(found.windowSeconds, null);
  const disk = diagnose(found).findings.find(({ what }) => what === "fsync of the log")!;
  assert.equal([disk.verdict, disk.confidence], ["suspect", "low"]);
  assert.match(disk.figure, /510 since its start/);
});

test("pages of several members are distinguished by their content", () => {
  const dumps = [dump("a", page("1f", 8, 10)), dump("b", page("2f", 8, 10))];
  assert.equal(
    evidenceOfDumps(dumps, null).members.map(({ name }) => name),
    ["1f", "2f"],
  );
});

test("a file that is no page, a third page, and two pages of one time are refused by name", () => {
  const one = (file: string, cpu: number) => dump(file, page("1f", cpu, 10));
  const refused = (dumps: MetricsDump[], words: RegExp) =>
    assert.throws(() => evidenceOfDumps(dumps, null), words);
  refused([dump("x.html", "<html>")], /^x\.html is no metrics page of an etcd member: .*curl/);
  refused([one("a", 1), one("b", 2), one("c", 3)], /^a, b, c are of one member, 1f/);
  refused([one("a", 1), one("b", 2)], /a and b do not tell .* --duration=30s/);
});

test.run();
