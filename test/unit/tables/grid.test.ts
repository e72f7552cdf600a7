/** Tables that do not fit a terminal. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Grid, layOutLongGrid } from "../../../src/tables/grid.ts";
import { widthOf } from "../../../src/text/width.ts";

const GRID: Grid = {
  columns: [
    { header: ["Cause"], align: "left" },
    { header: ["verdict"], align: "left" },
    { header: ["figure"], align: "left" },
    { header: ["bound"], align: "left" },
  ],
  rows: [
    ["disk", "suspect", "fsync of the log: p99 between 16 and 32 ms, 51 in 5.52 s", "p99 < 10 ms"],
    ["watches", "fine", "-", "none"],
  ],
};

test("a column of long cells that does not fit is below each row, wrapped at words", () => {
  const text = layOutLongGrid(GRID, { color: false, widthColumns: 36 });
  assert.equal(text.split("\n"), [
    "Cause    verdict  bound",
    "─────────────────────────────",
    "disk     suspect  p99 < 10 ms",
    "  figure: fsync of the log: p99",
    "    between 16 and 32 ms, 51 in 5.52",
    "    s",
    "watches  fine     none",
  ]);
});

test("no line is wider than the terminal, except for a wider word", () => {
  for (const widthColumns of [20, 40, 60, 79]) {
    for (const line of layOutLongGrid(GRID, { color: false, widthColumns }).split("\n")) {
      assert.ok(widthOf(line) <= widthColumns, `${widthColumns}: ${line}`);
    }
  }
});

test("where the table fits, or without a terminal, each row is one line", () => {
  for (const widthColumns of [null, 200]) {
    assert.is(layOutLongGrid(GRID, { color: false, widthColumns }).split("\n").length, 4);
  }
});

test.run();
