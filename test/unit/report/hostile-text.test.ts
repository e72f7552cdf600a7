/** Text of a server, a file or a label never becomes a command, a cell, a tag or a formula. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { renderSubject } from "../../../src/report/format.ts";
import { markdownTable, markdownText } from "../../../src/report/markdown-text.ts";
import type { RunResult } from "../../../src/result/schema.ts";
import { outgoing } from "../../../src/text/outgoing.ts";
import { formatNamed, LOADED_FORMATS } from "../../fixtures/formats.ts";
import { latencyFixture, operationFixture, resultFixture } from "../../fixtures/result-fixture.ts";
import { cases } from "../../harness/whole-run.ts";

const OPTIONS = { color: false, widthColumns: null };
/** Harmful in a terminal: control, bidirectional and zero-width characters, and lone surrogates. */
const HARMFUL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is for control characters
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Surrogate}/u;

const hostile = fc
  .array(
    fc.constantFrom(
      ...["\u001b]0;x\u0007", "\u001b[31m", "\u009b2J", "\u202e", "\u2028", "\u200b", "\ufeff"],
      ...["\ufffe", "\uffff", "\ud800", "\u0000", "\r", "\n", "\t", "**", "|", "`", "<b>", "&lt;"],
      ...["_", "[a](b)", "=1+1", "-", "+", "@x", '"', "'", ",", "\\", "]]>", "-->", "a", " ", "é"],
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(""));

/** A result with the text in every field that comes from outside. */
function saying(text: string): RunResult {
  const operation = operationFixture({
    name: text,
    errors: [{ code: text, message: text, count: 1 }],
    serviceTime: latencyFixture(),
    slowest: [
      {
        ...{ startSeconds: 0, serviceMs: 1, responseMs: null, revision: 1 },
        ...{ endpoint: text, key: text, code: text },
        near: [{ kind: "event", text, startSeconds: 0, endSeconds: 1 }],
      },
    ],
  });
  return resultFixture({
    id: text,
    notes: [text],
    verdict: { kind: "errors", reasons: [text] },
    plan: {
      labels: { [text]: text, commit: text },
      target: { endpoints: [text], user: text },
      workload: { kind: "put", keys: { prefix: text } },
    },
    environment: { os: text, cpuModel: text, kernel: text, node: text },
    target: {
      version: text,
      endpoints: [text],
      dataFileSystem: text,
      members: resultFixture().target.members.map((member) => ({
        ...member,
        name: text,
        version: text,
      })),
    },
    moments: [
      {
        kind: "defragmentation",
        member: text,
        text: null,
        revision: null,
        startSeconds: 0.1,
        durationSeconds: 0.2,
        error: text,
      },
    ],
    server: resultFixture().server.map((each) => ({ ...each, member: text, endpoint: text })),
    operations: [operation],
  });
}

/** One text is rendered in many formats, one after the other. */
let last: { text: string; results: RunResult[] } | undefined;

function rendered(format: string, text: string): string {
  if (last?.text !== text) last = { text, results: [saying(text)] };
  const subject = { kind: "results" as const, results: last.results };
  // Without a width, so that a longer text does not add lines to a row.
  return renderSubject(formatNamed(format), subject, { ...OPTIONS, widthColumns: null });
}

test("no format prints a character that controls a terminal or is invisible", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      for (const { name } of LOADED_FORMATS) {
        const shown = outgoing(rendered(name, text));
        assert.is(HARMFUL.exec(shown), null, `${name} of ${JSON.stringify(text)}`);
      }
      assert.equal(JSON.parse(outgoing(rendered("json", text))).notes, [text], "the data is whole");
    }),
    { numRuns: cases(12) },
  );
});

test("each row of a table, of csv, of markdown and of XML keeps its shape", () => {
  const usual = rendered("markdown", "usual").split("\n");
  const rows = (format: string, text: string) => rendered(format, text).split("\n").length;
  const usualRows = ["csv", "sample", "junit", "openmetrics", "table", "summary"].map(
    (format) => [format, rows(format, "usual")] as const,
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const lines = rendered("markdown", text).split("\n");
      assert.is(lines.length, usual.length, JSON.stringify(text));
      for (const [at, line] of usual.entries()) {
        if (!line.startsWith("|")) continue;
        // An empty column is left out, so each row is compared with its own header.
        const above = usual[at - 1]!.startsWith("|") ? lines[at - 1]! : lines[at]!;
        assert.is(bars(lines[at]!), bars(above), lines[at]);
      }
      for (const [format, count] of usualRows) {
        assert.is(rows(format, text), count, `${format} ${JSON.stringify(text)}`);
      }
      const junit = rendered("junit", text);
      assert.not.match(junit.replace(/<[^<>"]*("[^<>"]*"[^<>"]*)*>/g, ""), /[<>"]/, junit);
      assert.not.match(rendered("html", text), /<b>.*<b>x|\]\(b\)">/);
    }),
    { numRuns: cases(12), examples: [["\t"]] },
  );
});

/** The number of bars that separate cells. */
function bars(line: string): number {
  return line.replace(/\\./g, "").split("|").length;
}

test("a text in csv is not a formula, and a figure is a number", () => {
  for (const begin of ["=", "+", "-", "@"]) {
    const [, row] = rendered("csv", `${begin}1+1`).split("\n");
    assert.match(row!, new RegExp(`^'\\${begin}1\\+1,'\\${begin}1\\+1,0,1,41000`));
  }
});

test("a cell of markdown is bold only where bench makes it so, and not if its text begins with stars", () => {
  const table = markdownTable(["a"], [["**b** | c"], [{ bold: "d*" }]], 1);
  assert.is(table, "| a |\n| --- |\n| \\*\\*b\\*\\* \\| c |\n| **d\\*** |");
  assert.is(markdownText("- 1"), "\\- 1");
  assert.is(markdownText("# &lt;b&gt; ~~x~~"), "\\# \\&lt;b\\&gt; \\~\\~x\\~\\~");
  assert.is(markdownText("1. x, 3.5.30"), "1\\. x, 3.5.30");
});

test("escape sequences from a server are printed, not carried out", () => {
  const text = rendered("table", "\u001b]0;x\u0007red");
  assert.match(text, "\\u001b]0;x\\u0007red");
});

test.run();
