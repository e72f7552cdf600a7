/** A doctor's report in a terminal, on GitHub, in a browser and in CI, and read back by bench. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseSaved } from "../../../src/compare/saved.ts";
import { doctorReport } from "../../../src/doctor/report.ts";
import type { DoctorReport } from "../../../src/doctor/report-schema.ts";
import { parseMetricsPage } from "../../../src/etcd/metrics-page.ts";
import { listedOf } from "../../../src/listing/listed.ts";
import { renderSubject } from "../../../src/report/format.ts";
import { widthOf } from "../../../src/text/width.ts";
import {
  cluster,
  evidence,
  memberEvidence,
  processEvidence,
  times,
} from "../../fixtures/doctor-evidence.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import { cases } from "../../harness/whole-run.ts";

const PLAIN = { color: false, widthColumns: null };
const ABOUT = {
  ...{ startedAt: new Date("2026-01-02T03:04:05Z"), tool: "etcd-bench 1", target: "cluster c1" },
  isInterrupted: false,
};

const slow = () =>
  doctorReport(
    cluster({
      times: { etcd_disk_wal_fsync_duration_seconds: times(0.022) },
      ...{ isLocal: true, process: processEvidence() },
    }),
    ABOUT,
  );

async function rendered(format: string, report: DoctorReport): Promise<string> {
  return renderSubject(await formatNamed(format), { kind: "doctor", report }, PLAIN);
}

test("the table begins with the verdict, the principal cause and the next command", async () => {
  const [title, sentence, next, what] = (await rendered("table", slow())).split("\n");
  assert.is(title, "Doctor: 3 members of etcd 3.5.30: too slow");
  assert.match(sentence!, /^The principal cause is the disk of etcd1: fsync of the log: /);
  assert.is(next, "To look further: iostat -x 1");
  assert.is(what, "cluster c1, over 30.0 s, probe none");
  const table = await rendered("table", slow());
  assert.match(
    table,
    /\ndisk +too slow +high +etcd1\n {2}figure: fsync of the log: p99 between 16 and 32 ms.*1,000 in 30 s\n/,
  );
  assert.match(
    table,
    /\nthe disk of etcd1: too slow, high confidence\n {2}fsync of the log: .*\n {2}bound: p99 < 10 ms; to look further: iostat -x 1\n/,
  );
  assert.match(table, /\nwatches +fine +high +etcd1 /);
  assert.match(table, /\n {2}ionice -c2 -n0 -p \$\(ls \/proc\/4711\/task\)\n/);
});

test("markdown, the page and JUnit have the same findings", async () => {
  const markdown = await rendered("markdown", slow());
  assert.match(markdown, /^\*\*Doctor: .*too slow: The principal cause is the disk/);
  assert.match(markdown, /### A verdict for each cause/);
  const page = await rendered("html", slow());
  assert.match(page, /All figures/);
  assert.match(page, /principal cause is the disk of etcd1/);
  assert.not.match(page.slice(0, page.lastIndexOf("<script>")), /NaN|undefined|Infinity/);
  const junit = await rendered("junit", slow());
  assert.match(junit, /tests="11" failures="2"/);
  assert.match(junit, /name="disk"><failure message="too slow; fsync of the log of etcd1/);
  assert.match(junit, /name="watches"\/>/);
});

test("the commands of one advice are one code block in markdown", async () => {
  const advice = [{ what: "Priority", lines: ["tc qdisc add", "tc filter add"] }];
  const markdown = await rendered("markdown", { ...slow(), advice });
  assert.match(markdown, /### Priority\n\n {4}tc qdisc add\n {4}tc filter add\n/);
});

test("a saved report is read again, and listed", async () => {
  const report = slow();
  const saved = parseSaved(await rendered("json", report), "doctor.json");
  assert.equal(saved, { kind: "doctor", report });
  const [listed] = listedOf(saved);
  assert.equal([listed!.kind, listed!.verdict], ["doctor", "too slow"]);
  const damaged = { ...report, causes: [{ cause: "weather" }] };
  assert.throws(
    () => parseSaved(JSON.stringify(damaged), "doctor.json"),
    /doctor\.json has causes\[0\]\.cause "\w+", which this bench does not know/,
  );
});

test("odd names of members and peers cannot control a terminal or add markup", async () => {
  const odd = "\u001b[31m|<script>\n*x*";
  const report = doctorReport(
    {
      ...cluster(),
      members: [memberEvidence(odd, { fault: odd, first: null, last: null, gauges: new Map() })],
    },
    { ...ABOUT, target: odd },
  );
  for (const format of ["table", "markdown", "html", "junit"]) {
    const text = await rendered(format, report);
    assert.not.ok(text.includes("\u001b"), format);
    if (format === "html") assert.is(text.split("<script>").length, 2, "only the page's own");
  }
});

const words = fc
  .array(fc.tuple(fc.constantFrom("a", "/data", "µs,", "12%"), fc.integer({ min: 1, max: 24 })), {
    minLength: 1,
    maxLength: 40,
  })
  .map((parts) => parts.map(([text, times]) => text.repeat(times).slice(0, 40)).join(" "));

test("lines fit the terminal, or 120 columns without one, except commands and single words", async () => {
  const format = await formatNamed("table");
  const base = slow();
  fc.assert(
    fc.property(
      fc.array(words, { minLength: base.findings.length, maxLength: base.findings.length }),
      words,
      fc.option(fc.integer({ min: 60, max: 200 }), { nil: null }),
      (figures, other, widthColumns) => {
        const findings = base.findings.map((each, at) => ({
          ...each,
          figure: figures[at]!,
          bound: at % 3 === 0 ? each.bound : other,
        }));
        const members = base.members.map((each) => ({ ...each, fault: other }));
        const principal = { ...base.principal, sentence: other };
        const report = { ...base, findings, members, principal, notes: [other], target: other };
        const options = { color: false, widthColumns };
        const text = renderSubject(format, { kind: "doctor", report }, options);
        // Without a terminal each sentence is one line, for grep; tables are wrapped.
        const shown =
          widthColumns === null
            ? text.split("\n\n").filter((block) => /^(A verdict for each|Members)/.test(block))
            : [text];
        for (const line of shown.join("\n").split("\n")) {
          const isCopied = /further: |^ {2}(ionice|tc|--)/.test(line);
          const isWord = !line.trim().includes(" ");
          const isWide = widthOf(line) > (widthColumns ?? 120);
          assert.ok(!isWide || isCopied || isWord, `${widthColumns}: ${line}`);
        }
      },
    ),
    { numRuns: 30 },
  );
});

/** Metrics that the doctor reads, with values that no etcd reports. */
const oddPage = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        ...["etcd_mvcc_db_total_size_in_bytes", "etcd_server_quota_backend_bytes"],
        ...["process_cpu_seconds_total", "process_start_time_seconds", "process_max_fds"],
        ...["etcd_server_proposals_committed_total", "etcd_debugging_mvcc_slow_watcher_total"],
        ...["etcd_network_client_grpc_sent_bytes_total", "grpc_server_msg_sent_total"],
        'etcd_disk_wal_fsync_duration_seconds_bucket{le="0.008"}',
        'etcd_disk_wal_fsync_duration_seconds_bucket{le="+Inf"}',
        "etcd_disk_wal_fsync_duration_seconds_sum",
        'etcd_network_peer_round_trip_time_seconds_bucket{To="\u001b|",le="+Inf"}',
        'etcd_network_peer_round_trip_time_seconds_count{To="\u001b|"}',
        'etcd_network_peer_round_trip_time_seconds_sum{To="\u001b|"}',
        'etcd_network_peer_sent_failures_total{To="<b>"}',
      ),
      fc.constantFrom("0", "-1", "1e308", "1e20", "5", "1e-300", "NaN", "+Inf", "x", "1e15"),
    ),
    { maxLength: 24 },
  )
  .map((lines) => lines.map(([name, value]) => `${name} ${value}`).join("\n"));

test("pages with any numbers make a report that every format shows", async () => {
  const formats = await Promise.all(["table", "markdown", "html", "junit"].map(formatNamed));
  fc.assert(
    fc.property(oddPage, oddPage, (first, last) => {
      const pages = { first: parseMetricsPage(first), last: parseMetricsPage(last) };
      const report = doctorReport(cluster(pages, pages), ABOUT);
      assert.equal(parseSaved(JSON.stringify(report), "d.json"), { kind: "doctor", report });
      for (const format of formats) {
        const text = renderSubject(format, { kind: "doctor", report }, PLAIN);
        const shown = text.slice(0, text.indexOf("<script>") + 1 || undefined);
        assert.not.match(shown, /NaN|undefined|Infinity/);
        assert.not.ok(shown.includes("\u001b"));
      }
    }),
    { numRuns: cases(25) },
  );
});

test("members that joined or left in the window are in the notes", () => {
  const text = "the learner m4 joined the cluster, which has 4 members since";
  const changes = [{ kind: "member" as const, atSeconds: 6, text, isFault: false }];
  const { notes } = doctorReport(evidence(cluster().members, { changes }), ABOUT);
  assert.ok(notes.includes(`Seen 6.0 s after the start: ${text}.`), notes.join("\n"));
});

test.run();
