/** Events in the table, and their marks in the rows of each second. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { eventsWithin } from "../../../src/report/events-within.ts";
import type { EtcdEvent, RunResult } from "../../../src/result/schema.ts";
import { formatNamed } from "../../fixtures/formats.ts";
import {
  latencyFixture,
  operationFixture,
  planFixture,
  resultFixture,
} from "../../fixtures/result-fixture.ts";

const COMPACTION: EtcdEvent = {
  ...{ kind: "compaction", text: null, member: null, revision: 12_345 },
  ...{ startSeconds: 0.5, durationSeconds: 0.25, error: null },
};
const DEFRAGMENTATION: EtcdEvent = {
  ...{ kind: "defragmentation", text: null, member: "m2", revision: null },
  ...{ startSeconds: 0.9, durationSeconds: 1.5, error: null },
};
const LEADER_CHANGE: EtcdEvent = {
  ...{ kind: "leader-change", text: null, member: "m3", revision: null },
  ...{ startSeconds: 1.75, durationSeconds: null, error: null },
};
const REFUSED: EtcdEvent = { ...COMPACTION, startSeconds: 1.5, error: "OUT_OF_RANGE: compacted" };
const NOTHING: EtcdEvent = {
  ...{ ...COMPACTION, startSeconds: 0.1, revision: null },
  ...{ durationSeconds: null, error: "nothing to compact" },
};
const EVENTS = [NOTHING, COMPACTION, DEFRAGMENTATION, REFUSED, LEADER_CHANGE];

function maintained(events = EVENTS): RunResult {
  const side = (p99Ms: number, failed: number) => ({
    ...{ failed, serviceTime: latencyFixture(), responseTime: latencyFixture({ p99Ms }) },
  });
  const [interval] = operationFixture().intervals;
  const operations = [
    operationFixture({
      moments: { during: side(300, 2), outside: side(3, 0) },
      intervals: [
        { ...interval!, startSeconds: 0 },
        { ...interval!, startSeconds: 1 },
        { ...interval!, startSeconds: 2.5 },
      ],
    }),
  ];
  const maintenance = {
    compaction: { intervalMs: 5_000, keptRevisions: 1_000 },
    defragmentation: { atMs: [1_000, 3_000], member: null },
  };
  return resultFixture({ operations, moments: events, plan: planFixture({ maintenance }) });
}

const render = (format: string, result: RunResult) =>
  formatNamed(format).render([result], { color: false, widthColumns: null });

test("each event has its line, with its outcome", () => {
  const text = render("table", maintained());
  assert.match(text, /^0\.50 s +compaction +250 ms +12,345$/m);
  assert.match(text, /^0\.90 s +defragmentation of m2 +1\.50 s +-$/m);
  assert.match(text, /^1\.50 s +compaction +250 ms +12,345 +OUT_OF_RANGE: compacted$/m);
  assert.match(text, /^1\.75 s +leader change seen by m3 +- +-$/m);
  assert.match(text, /^0\.10 s +compaction +- +- +nothing to compact$/m);
});

test("requests during events have a row next to all other requests", () => {
  const text = render("table", maintained());
  assert.match(text, /^put +during +100,000 +2 .* 300 ms +88\.9 ms$/m);
  assert.match(text, /^put +outside +100,000 +0 .* 3\.00 ms +88\.9 ms$/m);
  assert.match(text, /in flight during an event \(compaction, defragmentation\)\.$/m);
  const pause = { ...COMPACTION, kind: "pause", member: "m2", revision: null };
  const faulted = render("table", maintained([pause, LEADER_CHANGE]));
  assert.match(faulted, /during an event \(pause\), or in the 3 s after a fault\.$/m);
});

test("the line of the load has the schedule of maintenance", () => {
  const [, , line] = render("table", maintained()).split("\n");
  assert.match(line!, /, compaction every 5\.00 s of all but 1,000 revisions, /);
  assert.match(line!, /, defragmentation of all members at 1\.00 s and 3\.00 s, /);
});

test("of very many events only the first are in the table", () => {
  const many = Array.from({ length: 25 }, () => COMPACTION);
  const text = render("table", maintained(many));
  assert.is(text.match(/^0\.50 s +compaction/gm)?.length, 20);
  assert.match(text, /^and 5 more, which --output=json lists$/m);
});

test("a run without events does not mention them", () => {
  const text = render("table", resultFixture());
  assert.not.match(text, /Events|during/);
});

test("csv marks the intervals that an event overlaps, and leaves out events without effect", () => {
  const [header, ...lines] = render("csv", maintained()).trimEnd().split("\n");
  assert.match(header!, /,events$/);
  const marks = lines.map((line) => line.slice(line.lastIndexOf(",") + 1));
  assert.equal(marks, [
    "compaction; defragmentation of m2",
    "defragmentation of m2; compaction; leader change seen by m3",
    "",
  ]);
});

test("samples have a column of events if the run had any, and otherwise only upstream's columns", () => {
  const [header, ...rows] = render("sample", maintained()).trimEnd().split("\n");
  assert.match(header!, /,AVG-THROUGHPUT,EVENTS$/);
  assert.match(rows[0]!, /,41000,compaction; defragmentation of m2$/);
  assert.match(rows[2]!, /,41000,defragmentation of m2$/);
  assert.match(render("sample", resultFixture()), /,AVG-THROUGHPUT\n.*,41000\n$/);
});

test("an event is in each interval that it overlaps, and in no other", () => {
  const within = (from: number, to: number) => eventsWithin([DEFRAGMENTATION], from, to).length;
  assert.equal(
    [within(0, 0.9), within(0, 0.91), within(1, 2), within(2.4, 3), within(2.41, 3)],
    [0, 1, 1, 1, 0],
  );
});

test.run();
