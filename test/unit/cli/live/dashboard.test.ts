/** The dashboard of a running measurement in a terminal: its parts, and that it always fits. */
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { dashboardLines } from "../../../../src/cli/live/dashboard.ts";
import { LiveFigures } from "../../../../src/cli/live/live-figures.ts";
import { sparkline } from "../../../../src/cli/live/sparkline.ts";
import { readMemberMetrics } from "../../../../src/etcd/metrics.ts";
import type { RunProgress } from "../../../../src/run/progress.ts";
import { initHistograms } from "../../../../src/stats/histogram.ts";
import { widthOf } from "../../../../src/text/width.ts";
import { eventOf, PUT, secondOf } from "../../stream/observed-run.ts";

test.before(initHistograms);

const PROGRESS: RunProgress = {
  ...{ phase: "measuring", elapsedSeconds: 4.2, succeeded: 42_000, failed: 0, errors: [] },
  ...{ ratePerSec: 300, p50Ms: 1.2, p99Ms: 2.3, p99AtLeastMs: null, maxMs: 5 },
  ...{ fraction: 0.42, secondsLeft: 6 },
};
const SCREEN = { rows: 40, columns: 109, color: false };

/** Figures of a run with two seconds, two readings of a member, and an event. */
function figuresOfRun(): LiveFigures {
  const figures = new LiveFigures();
  figures.onStart();
  figures.progressed({ ...PROGRESS, ratePerSec: 150, p99Ms: null });
  figures.progressed(PROGRESS);
  figures.onSecond(PUT, secondOf([1, 2, 3, 40]));
  figures.onReading("m1", readMemberMetrics("process_resident_memory_bytes 4e+07\n"));
  figures.onReading("m1", readMemberMetrics("process_resident_memory_bytes 5e+07\n"));
  figures.onEvent(eventOf({ text: "pause leader", member: "m1", isUnderWay: true }));
  return figures;
}

test("a sparkline goes from 0 to its largest value, with the newest at the right and gaps", () => {
  assert.is(sparkline([0, 1, 4, 8], 4), "▁▁▄█");
  assert.is(sparkline([9, 9, 2, null, 1], 3), "█ ▄");
  assert.is(sparkline([5], 3), "  █");
  assert.is(sparkline([0, 0], 2), "▁▁");
  assert.is(sparkline([], 2), "  ");
});

test("a tall terminal shows the last minute, events, members and all latencies", () => {
  const figures = figuresOfRun();
  const text = dashboardLines(PROGRESS, figures, SCREEN).join("\n");
  figures.close();
  assert.match(text, /^measuring .* 42%/);
  assert.match(text, /^rate +▄█ +300\/s, at most 300\/s$/m);
  // The first second has no p99, but a maximum.
  assert.match(text, /^p99 +█▄ +2\.30 ms, at most 5\.00 ms$/m);
  assert.match(text, /^event pause leader \(m1\) at [\d.]+ s: under way for \d+ s$/m);
  assert.match(text, /^m1 +50\.0 MB/m);
  assert.match(text, /^Successful requests so far, (response|service) time$/m);
  assert.match(text, /^ +[\d.,]+ +[\d.,]+ +\d+ +[\d.]+% +█+$/m);
  assert.not.match(text, /^errors/m);
});

test("errors are counted by code, in red where there is colour", () => {
  const failing = {
    ...{ ...PROGRESS, failed: 12 },
    errors: [
      { code: "UNAVAILABLE", count: 10 },
      { code: "DEADLINE_EXCEEDED", count: 2 },
    ],
  };
  const plain = dashboardLines(failing, new LiveFigures(), SCREEN);
  assert.ok(plain.includes("errors UNAVAILABLE 10, DEADLINE_EXCEEDED 2"));
  const painted = dashboardLines(failing, new LiveFigures(), { ...SCREEN, color: true });
  assert.ok(
    painted.includes("\u001b[31merrors UNAVAILABLE 10, DEADLINE_EXCEEDED 2\u001b[39m"),
    painted.join("\n"),
  );
});

test("an event shows its outcome, and a server's text in it cannot control the terminal", () => {
  const figures = new LiveFigures();
  const paused = { text: "pause leader", member: "m1", startSeconds: 2 };
  figures.onEvent(eventOf({ ...paused, number: 1, isUnderWay: true }));
  figures.onEvent(
    eventOf({ ...paused, number: 1, isUnderWay: false, durationSeconds: 1.5, error: null }),
  );
  figures.onEvent(
    eventOf({ number: 2, isUnderWay: false, startSeconds: 3, error: "no\u001b[2J\nmore" }),
  );
  const text = dashboardLines(PROGRESS, figures, SCREEN).join("\n");
  assert.match(text, /^event pause leader \(m1\) at 2\.0 s: took 1\.50 s$/m);
  assert.not.ok(text.includes("\u001b"));
  assert.not.match(text, /^more/m);
});

test("a small terminal shows only the line of progress", () => {
  const figures = figuresOfRun();
  for (const small of [{ rows: 15 }, { columns: 59 }]) {
    const lines = dashboardLines(PROGRESS, figures, { ...SCREEN, ...small });
    assert.is(lines.length, 1);
    assert.match(lines[0]!, /^measuring/);
  }
  figures.close();
});

test("at any size there are fewer lines than rows, and no line is wider than the terminal", () => {
  const figures = figuresOfRun();
  for (let member = 0; member < 9; member++) {
    figures.onReading(`m${member}-${"long".repeat(30)}`, readMemberMetrics(""));
    figures.onEvent(eventOf({ number: member, text: `exec ${"x".repeat(150)}` }));
  }
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 250 }),
      fc.boolean(),
      (rows, columns, color) => {
        const lines = dashboardLines(PROGRESS, figures, { rows, columns, color });
        assert.ok(lines.length < Math.max(2, rows), `${lines.length} lines in ${rows} rows`);
        for (const line of lines) assert.ok(widthOf(line) <= columns, line);
      },
    ),
  );
  figures.close();
});

test("the next run of a search starts empty, and the last minute is kept", () => {
  const figures = figuresOfRun();
  for (let second = 0; second < 90; second++) figures.progressed(PROGRESS);
  assert.is(figures.seconds.length, 60);
  figures.progressed({ ...PROGRESS, phase: "draining", ratePerSec: null });
  assert.is(figures.seconds.length, 60);
  figures.onStart();
  assert.equal(
    [figures.seconds, figures.events, figures.members, figures.latencies],
    [[], [], [], null],
  );
});

test("a member that no longer answers has no figures, and has them again with its next reading", () => {
  let nowMs = 1_000;
  const figures = new LiveFigures(
    () => {},
    () => nowMs,
  );
  const page = readMemberMetrics("process_resident_memory_bytes 4e+07\n");
  figures.onReading("m1", page);
  nowMs += 2_000;
  assert.is(figures.members[0]!.rssBytes, 4e7);
  nowMs += 3_000;
  assert.equal(figures.members, [
    { name: "m1", rssBytes: null, cpuPercent: null, walFsyncP99Ms: null },
  ]);
  figures.onReading("m1", page);
  assert.is(figures.members[0]!.rssBytes, 4e7);
});

test.run();
