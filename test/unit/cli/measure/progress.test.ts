/** The progress line: its text, and when a display writes it. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createProgress, type ProgressOptions } from "../../../../src/cli/measure/progress.ts";
import { plainLine, terminalLine } from "../../../../src/cli/output/progress-line.ts";
import type { RunProgress } from "../../../../src/run/progress.ts";
import { cutToWidth, widthOf } from "../../../../src/text/width.ts";

const measuring: RunProgress = {
  phase: "measuring",
  elapsedSeconds: 4.2,
  succeeded: 42_000,
  failed: 0,
  errors: [],
  ratePerSec: 10_234.4,
  p50Ms: 1.2,
  p99Ms: 2.314,
  p99AtLeastMs: null,
  maxMs: 5,
  fraction: 0.42,
  secondsLeft: 65.8,
};

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, "g");

test("a line for a terminal has a bar, the time, the rate, p50, p99, the time left and errors", () => {
  assert.is(
    terminalLine(measuring, { widthColumns: 120, color: false }),
    "measuring  [========            ] 42%  4s  10,234/s  p50 1.20 ms  p99 2.31 ms  1m05s left  0 errors",
  );
});

test("a line for a log has the same figures without a bar", () => {
  assert.is(
    plainLine(measuring),
    "measuring 42%, 4s, 10,234/s, p50 1.20 ms, p99 2.31 ms, 1m05s left, 0 errors",
  );
  assert.is(plainLine({ ...measuring, phase: "opening" }), "opening, 4s, 1m05s left");
});

test("a terminal of 80 columns shows all figures, and no bar", () => {
  assert.is(
    terminalLine(measuring, { widthColumns: 79, color: false }),
    "measuring   42%  4s  10,234/s  p50 1.20 ms  p99 2.31 ms  1m05s left  0 errors",
  );
});

test("a second with too few requests for a p99 shows its maximum", () => {
  assert.match(plainLine({ ...measuring, p99Ms: null }), /, p50 1\.20 ms, max 5\.00 ms, /);
});

test("a second with unanswered requests shows a lower bound of p99", () => {
  const bounded = { ...measuring, p99Ms: null, p99AtLeastMs: 30, maxMs: null };
  assert.match(plainLine(bounded), /, p50 1\.20 ms, p99 >=30\.0 ms, /);
});

test("errors are counted by code", () => {
  const errors = [
    { code: "UNAVAILABLE", count: 1_200 },
    { code: "DEADLINE_EXCEEDED", count: 34 },
  ];
  assert.match(
    plainLine({ ...measuring, failed: 1234, errors }),
    /, 1,234 errors \(UNAVAILABLE 1,200, DEADLINE_EXCEEDED 34\)$/,
  );
});

test("unknown figures are left out", () => {
  const none = { ratePerSec: null, p50Ms: null, p99Ms: null, maxMs: null };
  const early = { ...measuring, ...none, secondsLeft: null, fraction: 0 };
  assert.is(plainLine({ ...early, failed: 1 }), "measuring 0%, 4s, 1 error");
});

test("errors are red only where there are some and colour is wanted", () => {
  const failing = { ...measuring, failed: 1234 };
  assert.match(terminalLine(failing, { widthColumns: 120, color: true }), /\[31m1,234 errors/);
  assert.not.match(terminalLine(failing, { widthColumns: 120, color: false }), ESCAPES);
  assert.not.match(terminalLine(measuring, { widthColumns: 120, color: true }), ESCAPES);
});

test("a code that looks like a pattern is printed as it is", () => {
  const failing = { ...measuring, failed: 1, errors: [{ code: "$`", count: 1 }] };
  const line = terminalLine(failing, { widthColumns: 120, color: true });
  assert.is(line.replace(ESCAPES, ""), terminalLine(failing, { widthColumns: 120, color: false }));
});

test("a line for a terminal is never wider than the terminal and never more than one line", () => {
  const progress = fc.record({
    phase: fc.constantFrom(...(["opening", "warming", "measuring", "draining"] as const)),
    elapsedSeconds: fc.double({ min: 0, max: 1e7, noNaN: true }),
    succeeded: fc.nat(),
    failed: fc.nat(),
    errors: fc.array(fc.record({ code: fc.string(), count: fc.nat() })),
    ratePerSec: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
    p50Ms: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
    p99AtLeastMs: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
    maxMs: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
    p99Ms: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
    fraction: fc.double({ min: -1, max: 2 }),
    secondsLeft: fc.option(fc.double({ min: -1, max: 1e7, noNaN: true })),
  });
  fc.assert(
    fc.property(
      progress,
      fc.integer({ min: 1, max: 200 }),
      fc.boolean(),
      (each, widthColumns, color) => {
        const line = terminalLine(each, { widthColumns, color });
        assert.ok(line.replace(ESCAPES, "").length <= widthColumns);
        assert.not.match(line, /\n|NaN|Infinity|undefined|null/);
      },
    ),
  );
});

/** A display with a fake clock, and what it has written. */
function display(options: { isTTY: boolean; show?: ProgressOptions["show"] }) {
  const written: string[] = [];
  const clock = { ms: 0 };
  const stream = {
    write: (text: string) => written.push(text),
    isTTY: options.isTTY,
    columns: 100,
  };
  const { show = "all" } = options;
  const progress = createProgress({ stream, show, color: false, nowMs: () => clock.ms });
  return { progress, written, clock };
}

test("a terminal is redrawn at most ten times a second, and at once when the phase changes", () => {
  const { progress, written, clock } = display({ isTTY: true });
  for (clock.ms = 0; clock.ms < 1000; clock.ms += 10) progress.update(measuring);
  assert.is(written.length, 10);
  progress.update({ ...measuring, phase: "draining" });
  assert.is(written.length, 11);
  assert.match(written[10]!, /draining/);
});

test("a log gets a line every ten seconds, and one when the phase changes", () => {
  const { progress, written, clock } = display({ isTTY: false });
  progress.update({ ...measuring, phase: "opening" });
  for (clock.ms = 0; clock.ms <= 25_000; clock.ms += 1000) progress.update(measuring);
  assert.is(written.length, 4);
  assert.match(written[0]!, /^opening.*\n$/);
  for (const line of written.slice(1)) assert.match(line, /^measuring 42%.*\n$/);
  assert.not.match(written.join(""), ESCAPES);
});

test("a note on a terminal is printed above the progress line, which is drawn again", () => {
  const { progress, written } = display({ isTTY: true });
  progress.update(measuring);
  progress.say("note: something");
  assert.match(written[1]!, /note: something\nmeasuring/);
  progress.end();
  progress.say("saved");
  assert.is(written.at(-1), "saved\n");
});

test("a dumb terminal gets the lines of a log", () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text), isTTY: true };
  const progress = createProgress({ stream, show: "all", color: false, isDumb: true });
  progress.update(measuring);
  progress.end();
  assert.match(written.join(""), /^measuring 42%.*\n$/);
  assert.not.match(written.join(""), ESCAPES);
});

test("a view is drawn for the terminal's size, and again when the size changes", () => {
  const written: string[] = [];
  const resized = new Set<() => void>();
  const stream = {
    ...{ isTTY: true, columns: 100, rows: 30, write: (text: string) => written.push(text) },
    on: (_: "resize", listener: () => void) => resized.add(listener),
    off: (_: "resize", listener: () => void) => resized.delete(listener),
  };
  const seen: RunProgress[] = [];
  const view = {
    progressed: (progress: RunProgress) => seen.push(progress),
    lines: (_: RunProgress, { rows, columns }: { rows: number; columns: number }) => [
      `${rows} rows`,
      `${columns} columns`,
    ],
  };
  const progress = createProgress({ stream, show: "all", color: false, view });
  progress.redraw();
  assert.equal(written, []);
  progress.update(measuring);
  assert.is(written.at(-1), "\r\u001b[2K30 rows\n99 columns");
  stream.columns = 50;
  for (const listener of resized) listener();
  assert.is(written.at(-1), "\r\u001b[1A\u001b[J30 rows\n49 columns");
  progress.say("note");
  assert.is(written.at(-1), "\r\u001b[1A\u001b[Jnote\n30 rows\n49 columns");
  progress.end();
  assert.is(written.at(-1), "\r\u001b[1A\u001b[J");
  assert.is(resized.size, 0);
  progress.redraw();
  assert.is(written.length, 4);
  // The view gets progress also while it is not drawn.
  assert.is(seen.length, 1);
  // The next run of a session uses the terminal's size, too.
  progress.update({ ...measuring, phase: "draining" });
  assert.is(resized.size, 1);
  progress.end();
  assert.is(resized.size, 0);
});

test("with progress off notes are still printed, and with --quiet nothing is", () => {
  const notes = display({ isTTY: true, show: "notes" });
  notes.progress.update(measuring);
  notes.progress.say("note");
  notes.progress.end();
  assert.equal(notes.written, ["note\n"]);
  const none = display({ isTTY: true, show: "none" });
  none.progress.update(measuring);
  none.progress.say("note");
  none.progress.end();
  assert.equal(none.written, []);
});

test("a note of several lines cannot look like several notes, nor control the terminal", () => {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) };
  const display = createProgress({ stream, show: "all", color: false });
  display.say("etcd says \u001b[2Jno\nbench: all is well");
  assert.is(written.join(""), "etcd says \\u001b[2Jno\n  bench: all is well\n");
});

test("a line is cut by the display width of its characters", () => {
  assert.is(widthOf("日本 e\u0301 \u001b[1mb\u001b[22m"), 8);
  assert.is(cutToWidth("日本語テキスト", 8), "日本語…");
  assert.is(cutToWidth("😀😀😀", 5), "😀😀…");
  assert.is(cutToWidth("short", 5), "short");
});

test.run();
