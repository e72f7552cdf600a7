/** Calculates the cost of one thing from memory readings, and the published tables from costs. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fallenNotes, publishedRows, thingCost } from "../../../src/memory/assess.ts";
import { INDEX_ROWS, publishedCost, WATCH_ROWS } from "../../../src/memory/published.ts";
import type { CountedReading } from "../../../src/memory/report-schema.ts";
import type { ThingName } from "../../../src/memory/things.ts";

const SIZES = { keySizeBytes: 64, valSizeBytes: 256 };
const BASE = { rssBytes: 30e6, heapBytes: 5e6, stackBytes: 1e6, goroutines: 50 };

/** Readings in which one thing takes `rssBytes` of RSS, and half as much of the heap. */
function costOf(thing: ThingName, rssBytes: number) {
  const readings = Array.from({ length: 9 }, (_, step): CountedReading => {
    const added = step * 100;
    const { rssBytes: base, heapBytes: heap } = BASE;
    return {
      ...{ added, rssBytes: base + added * rssBytes, heapBytes: heap + (added * rssBytes) / 2 },
      ...{ stackBytes: null, goroutines: 50 },
    };
  });
  return thingCost(thing, readings, SIZES.keySizeBytes);
}

test("the cost of one is the slope of the readings, and null where the member has no figure", () => {
  const cost = costOf("watcher", 300);
  assert.equal(cost.rssBytes, { each: 300, low: 300, high: 300 });
  assert.equal(cost.heapBytes, { each: 150, low: 150, high: 150 });
  assert.is(cost.stackBytes, null);
  assert.is(cost.goroutines!.each, 0);
  assert.is(cost.published!.bytes, 350);
});

test("the published formula of a key's index fits the published table within its scatter", () => {
  const key = publishedCost("key", 64)!.bytes;
  const revision = publishedCost("revision", 64)!.bytes;
  assert.is(key, 222);
  for (const { keys, revisionsPerKey, bytes } of INDEX_ROWS) {
    const computed = keys * (key + (revisionsPerKey - 1) * revision);
    assert.ok(
      Math.abs(computed - bytes) < 0.2 * bytes,
      `${keys} x ${revisionsPerKey}: ${computed}`,
    );
  }
  assert.is(publishedCost("lease", 64), null);
});

test("the published table of watchers has each row with the measured costs", () => {
  const things = [costOf("connection", 17e3), costOf("stream", 18e3), costOf("watcher", 350)];
  const rows = publishedRows({ base: BASE, things, ...SIZES });
  assert.is(rows.length, WATCH_ROWS.length);
  const [first] = rows;
  assert.is(first!.publishedBytes, 50e6);
  assert.is(first!.estimatedBytes, 30e6 + 1_000 * (17e3 + 18e3 + 350));
  assert.is(rows.at(-1)!.publishedBytes, null);
  assert.is(rows.at(-1)!.counts.watchers, 25_000_000);
});

test("a cost below nothing is not known, and a note says why", () => {
  const things = [costOf("key", 400), costOf("revision", -7_420)];
  const rows = publishedRows({ base: BASE, things, ...SIZES });
  assert.ok(rows.some(({ counts }) => counts.revisionsPerKey! > 1));
  for (const { counts, estimatedBytes } of rows) {
    assert.is(estimatedBytes === null, counts.revisionsPerKey! > 1, JSON.stringify(counts));
  }
  const notes = fallenNotes(things, false);
  assert.is(notes.length, 2);
  assert.match(notes[0]!, /^The RSS fell while revisions were added: .*not known; .*--local/);
  assert.match(fallenNotes(things, true)[0]!, /; add more of them \(--of=revisions:NUMBER\)\.$/);
  assert.equal(fallenNotes([costOf("key", 400)], false), []);
});

test("tables of storage need the costs of keys and revisions, with the published sizes", () => {
  const things = [costOf("key", 400), costOf("revision", 100)];
  const tablesOf = (sizes: typeof SIZES) => [
    ...new Set(publishedRows({ base: BASE, things, ...sizes }).map(({ table }) => table)),
  ];
  assert.equal(tablesOf(SIZES), ["index", "storage"]);
  assert.equal(tablesOf({ ...SIZES, valSizeBytes: 1_000 }), ["index"]);
  assert.equal(tablesOf({ ...SIZES, keySizeBytes: 100 }), []);
  assert.equal(publishedRows({ base: BASE, things: things.slice(1), ...SIZES }), []);
  const rows = publishedRows({ base: BASE, things, ...SIZES });
  const fiveEach = rows.find(
    ({ table, counts }) => table === "storage" && counts.revisionsPerKey === 5,
  );
  assert.is(fiveEach!.estimatedBytes, 30e6 + 100_000 * (400 + 4 * 100));
});

test("an unknown cost gives no estimate", () => {
  const lacking = { ...costOf("watcher", 350), rssBytes: null };
  const things = [costOf("connection", 17e3), costOf("stream", 18e3), lacking];
  const [row] = publishedRows({ base: BASE, things, ...SIZES });
  assert.is(row!.estimatedBytes, null);
});

test("a cost that cannot be told from none gives no estimate of millions", () => {
  const watcher = costOf("watcher", 350);
  const few = { ...watcher, rssBytes: { each: 32_800, low: 0, high: 65_500 } };
  const things = [costOf("connection", 17e3), costOf("stream", 18e3), few];
  const rows = publishedRows({ base: BASE, things, ...SIZES });
  assert.ok(rows.every(({ estimatedBytes }) => estimatedBytes === null));
});

test.run();
